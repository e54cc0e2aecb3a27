using System.Text.Json.Serialization;
using Datapath.Hosting;

namespace Datapath.Kubernetes.Tests.Kinds;

/// <summary>A kind that the library knows nothing of.</summary>
internal sealed class Widget
{
    public static KubernetesKind<Widget> Kind { get; } = new("tests.datapath.io", "v1", "widgets", WidgetJson.Default.Widget);

    public static ApiResource Resource { get; } = new("tests.datapath.io", "v1", "widgets", "Widget", IsNamespaced: true);

    [JsonRequired]
    public WidgetSpec Spec { get; set; } = new();

    public WidgetStatus? Status { get; set; }
}

internal sealed class WidgetSpec
{
    public int Size { get; set; }

    public List<int> Parts { get; set; } = [];
}

internal sealed class WidgetStatus
{
    public string Phase { get; set; } = "";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Widget))]
internal sealed partial class WidgetJson : JsonSerializerContext;
