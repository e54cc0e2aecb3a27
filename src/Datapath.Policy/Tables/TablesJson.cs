using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Datapath.Policy.Tables;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PolicyTables))]
internal sealed partial class TablesJson : JsonSerializerContext
{
    /// <summary>For terminals and files, where nothing but what JSON itself needs has to be escaped.</summary>
    public static TablesJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
