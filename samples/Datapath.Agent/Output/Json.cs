using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Datapath.Agent.Output;

/// <summary>Reports for programs.</summary>
internal static class Json
{
    public static void Write<T>(T report, JsonTypeInfo<T> type) => Console.Out.WriteLine(JsonSerializer.Serialize(report, type));
}
