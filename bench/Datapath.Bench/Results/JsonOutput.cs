using System.Text.Encodings.Web;
using System.Text.Json;

namespace Datapath.Bench.Results;

internal static class JsonOutput
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // "<=" stays readable
    };
}
