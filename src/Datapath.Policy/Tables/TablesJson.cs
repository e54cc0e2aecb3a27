using System.Text.Json.Serialization;

namespace Datapath.Policy.Tables;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PolicyTables))]
internal sealed partial class TablesJson : JsonSerializerContext;
