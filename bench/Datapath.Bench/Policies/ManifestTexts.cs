using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Datapath.Policy;

namespace Datapath.Bench.Policies;

/// <summary>Objects as an API server and kubectl write them, with the fields that nobody reads.</summary>
internal static class ManifestTexts
{
    /// <summary>A list of the services and slices of a cluster.</summary>
    public static JsonObject List(LargeCluster cluster) => new()
    {
        ["apiVersion"] = "v1",
        ["items"] = new JsonArray([
            .. Enumerable.Range(0, cluster.Services).Select(static i => Service(LargeCluster.Service(i))),
            .. Enumerable.Range(0, cluster.Services).Select(static i => Slice(LargeCluster.Slice(i, 0, LargeCluster.EndpointsPerService, version: 0))),
        ]),
        ["kind"] = "List",
        ["metadata"] = new JsonObject { ["resourceVersion"] = "" },
    };

    public static byte[] Json(JsonNode node, bool isIndented)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new() { Indented = isIndented, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            node.WriteTo(writer);
        return stream.ToArray();
    }

    public static byte[] Yaml(JsonObject node)
    {
        var text = new StringBuilder();
        AppendFields(text, node, indentation: 0, isFirstIndented: true);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static JsonObject Service(Service service) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = Metadata(service.Metadata),
        ["spec"] = new JsonObject
        {
            ["clusterIP"] = service.Spec.ClusterIP,
            ["clusterIPs"] = new JsonArray(service.Spec.ClusterIP),
            ["internalTrafficPolicy"] = "Cluster",
            ["ipFamilies"] = new JsonArray("IPv4"),
            ["ipFamilyPolicy"] = "SingleStack",
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 80, ["protocol"] = "TCP", ["targetPort"] = "web" }),
            ["selector"] = new JsonObject { ["app"] = service.Metadata.Name },
            ["sessionAffinity"] = "None",
            ["type"] = "ClusterIP",
        },
        ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() },
    };

    private static JsonObject Slice(EndpointSlice slice) => new()
    {
        ["addressType"] = "IPv4",
        ["apiVersion"] = "discovery.k8s.io/v1",
        ["endpoints"] = new JsonArray([.. slice.Endpoints.Select(endpoint => Endpoint(endpoint, slice.Metadata))]),
        ["kind"] = "EndpointSlice",
        ["metadata"] = Metadata(slice.Metadata),
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 8080, ["protocol"] = "TCP" }),
    };

    private static JsonObject Endpoint(Endpoint endpoint, ObjectMeta slice) => new()
    {
        ["addresses"] = new JsonArray([.. endpoint.Addresses.Select(static a => JsonValue.Create(a))]),
        ["conditions"] = new JsonObject { ["ready"] = true, ["serving"] = true, ["terminating"] = false },
        ["nodeName"] = endpoint.NodeName,
        ["targetRef"] = new JsonObject
        {
            ["kind"] = "Pod",
            ["name"] = $"{slice.Name}-{endpoint.Addresses[0].Replace('.', '-')}",
            ["namespace"] = slice.Namespace,
            ["uid"] = slice.Uid,
        },
        ["zone"] = endpoint.Zone,
    };

    private static JsonObject Metadata(ObjectMeta meta) => new()
    {
        ["creationTimestamp"] = "2026-11-01T10:00:00Z",
        ["generation"] = 3,
        ["labels"] = new JsonObject(meta.Labels.Select(static l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))),
        ["name"] = meta.Name,
        ["namespace"] = meta.Namespace,
        ["resourceVersion"] = "184467440",
        ["uid"] = meta.Uid,
    };

    private static void AppendFields(StringBuilder text, JsonObject node, int indentation, bool isFirstIndented)
    {
        foreach (var (name, value) in node)
        {
            text.Append(' ', isFirstIndented ? indentation : 0).Append(name).Append(':');
            isFirstIndented = true;
            AppendValue(text, value, indentation);
        }
    }

    private static void AppendValue(StringBuilder text, JsonNode? value, int indentation)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } fields:
                AppendFields(text.Append('\n'), fields, indentation + 2, isFirstIndented: true);
                break;
            case JsonArray { Count: > 0 } items:
                text.Append('\n');
                foreach (var item in items)
                    AppendItem(text.Append(' ', indentation).Append("- "), item, indentation);
                break;
            default:
                text.Append(' ').Append(value!.ToJsonString()).Append('\n');
                break;
        }
    }

    private static void AppendItem(StringBuilder text, JsonNode? item, int indentation)
    {
        if (item is JsonObject fields)
            AppendFields(text, fields, indentation + 2, isFirstIndented: false);
        else
            text.Append(item!.ToJsonString()).Append('\n');
    }
}
