using System.Text.Json.Serialization;
using Datapath.Hosting;

namespace Datapath.Operator.Rollouts;

/// <summary>What is read of a rollout: a service of two releases, of which the canary gets a percentage of new connections.</summary>
internal sealed class Rollout
{
    public const string Group = "demo.datapath.io";

    public static KubernetesKind<Rollout> Kind { get; } = new(Group, "v1", "rollouts", RolloutJson.Default.Rollout);

    [JsonRequired]
    public RolloutSpec Spec { get; set; } = new();

    public RolloutStatus? Status { get; set; }
}

/// <summary>What is wanted.</summary>
internal sealed class RolloutSpec
{
    /// <summary>The addresses that clients dial, of either family.</summary>
    public List<string> Addresses { get; set; } = [];

    public int Port { get; set; }

    /// <summary>The port of the backends; <see langword="null"/>: the same.</summary>
    public int? TargetPort { get; set; }

    /// <summary>The backends of the release that everybody had.</summary>
    public List<string> Stable { get; set; } = [];

    /// <summary>The backends of the release that is tried.</summary>
    public List<string> Canary { get; set; } = [];

    /// <summary>How much of the new connections the canary gets, in percent.</summary>
    public int Weight { get; set; }

    /// <summary>How long the connections of a backend that leaves may go on, in seconds.</summary>
    public int DrainSeconds { get; set; } = 30;
}

/// <summary>What became of it.</summary>
internal sealed class RolloutStatus
{
    /// <summary>The generation that this is about.</summary>
    public long ObservedGeneration { get; set; }

    public RolloutPhase Phase { get; set; }

    public string Message { get; set; } = "";

    /// <summary>What is in force while the rollout is refused, which an operator that starts again goes on with; <see langword="null"/>: what is wanted is, or nothing.</summary>
    public RolloutSpec? Applied { get; set; }

    /// <summary>The backends that are being drained, which an operator that starts again goes on with.</summary>
    public List<string> Draining { get; set; } = [];

    public List<RolloutCondition> Conditions { get; set; } = [];
}

[JsonConverter(typeof(JsonStringEnumConverter<RolloutPhase>))]
internal enum RolloutPhase
{
    Stable,
    Progressing,
    Promoted,
    Draining,
    Refused,
}

/// <summary>The condition <c>Ready</c>, for <c>kubectl wait</c>.</summary>
internal sealed class RolloutCondition
{
    public string Type { get; set; } = "";

    public string Status { get; set; } = "";

    public string Reason { get; set; } = "";

    public string Message { get; set; } = "";

    public DateTimeOffset LastTransitionTime { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Rollout))]
internal sealed partial class RolloutJson : JsonSerializerContext;
