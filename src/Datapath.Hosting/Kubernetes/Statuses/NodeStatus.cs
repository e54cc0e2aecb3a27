using System.Globalization;
using System.Text.Json;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What a node says of a policy, in <c>status.nodes</c> under its name.</summary>
/// <param name="Condition">What became of the policy on the node.</param>
/// <param name="Message">The same, in words.</param>
/// <param name="Frontends">How many frontends it redirects or refuses there.</param>
/// <param name="ObservedGeneration">The generation of the policy that this is about.</param>
internal sealed record NodeStatus(string Condition, string Message, long Frontends, long ObservedGeneration)
{
    private const int LongestMessage = 1024;

    /// <summary>When the condition became what it is.</summary>
    public string Since { get; init; } = "";

    /// <summary>What a node says of a policy, from what became of it.</summary>
    public static NodeStatus Of(ObjectStatus status, long generation) => new(
        status.Condition.ToString(), status.Message.Length > LongestMessage ? status.Message[..(LongestMessage - 1)] + "…" : status.Message, status.Frontends, generation);

    /// <summary>The same, with the time of a change unless nothing changed.</summary>
    public NodeStatus After(NodeStatus? before, DateTimeOffset now) => this with
    {
        Since = before is { Since.Length: > 0 } && before.Condition == Condition ? before.Since : now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };

    /// <summary>Whether two say the same, whenever they began to.</summary>
    public static bool AreSame(NodeStatus? left, NodeStatus? right) => left is null || right is null ? left == right : left with { Since = "" } == right with { Since = "" };

    /// <summary>The merge patch that says it; <see langword="null"/> takes back what was said.</summary>
    /// <param name="status">What to say.</param>
    /// <param name="node">The node.</param>
    /// <param name="gone">Nodes that are gone, whose words are taken back too.</param>
    public static byte[] ToPatch(NodeStatus? status, string node, params IEnumerable<string> gone)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("status");
            json.WriteStartObject("nodes");
            json.WritePropertyName(node);
            if (status is null)
                json.WriteNullValue();
            else
                status.Write(json);
            foreach (var name in gone)
                json.WriteNull(name);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Reads that of the object that a reader stands at the start of, and goes to its end.</summary>
    public static NodeStatus Read(ref Utf8JsonReader reader)
    {
        string condition = "", message = "", since = "";
        long frontends = 0, generation = 0;
        while (JsonFields.Next(ref reader))
        {
            if (reader.ValueTextEquals("condition"u8))
                condition = JsonFields.Text(ref reader) ?? "";
            else if (reader.ValueTextEquals("message"u8))
                message = JsonFields.Text(ref reader) ?? "";
            else if (reader.ValueTextEquals("frontends"u8))
                frontends = JsonFields.Number(ref reader);
            else if (reader.ValueTextEquals("observedGeneration"u8))
                generation = JsonFields.Number(ref reader);
            else if (reader.ValueTextEquals("lastTransitionTime"u8))
                since = JsonFields.Text(ref reader) ?? "";
            else
                JsonFields.Skip(ref reader);
        }

        return new(condition, message, frontends, generation) { Since = since };
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("condition", Condition);
        json.WriteString("message", Message);
        json.WriteNumber("frontends", Frontends);
        json.WriteNumber("observedGeneration", ObservedGeneration);
        json.WriteString("lastTransitionTime", Since);
        json.WriteEndObject();
    }
}
