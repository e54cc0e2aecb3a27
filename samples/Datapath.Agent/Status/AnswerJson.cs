using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Datapath.Agent.Status;

/// <summary>Answers on their way from the agent to a command.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(L4AddressConverter), typeof(NetworkConverter), typeof(BackendConverter)])]
[JsonSerializable(typeof(AgentAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext
{
    /// <summary>For a socket, where nothing but what JSON itself needs has to be escaped.</summary>
    public static AnswerJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>An address as its text.</summary>
internal sealed class L4AddressConverter : JsonConverter<L4Address>
{
    public override L4Address Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        L4Address.TryParse(reader.GetString(), null, out var address) ? address : throw new JsonException("no address with port and protocol");

    public override void Write(Utf8JsonWriter writer, L4Address value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>A prefix as its text.</summary>
internal sealed class NetworkConverter : JsonConverter<IPNetwork>
{
    public override IPNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IPNetwork.TryParse(reader.GetString(), out var prefix) ? prefix : throw new JsonException("no prefix");

    public override void Write(Utf8JsonWriter writer, IPNetwork value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>A backend as an array of its address and its weight: nothing else of it counts in the kernel.</summary>
internal sealed class BackendConverter : JsonConverter<Backend>
{
    public override Backend Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (!reader.Read() || !L4Address.TryParse(reader.GetString(), null, out var address) || !reader.Read() || !reader.TryGetInt32(out var weight) || !reader.Read())
            throw new JsonException("no backend");
        return new(address) { Weight = weight };
    }

    public override void Write(Utf8JsonWriter writer, Backend value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value.Address.ToString());
        writer.WriteNumberValue(value.Weight);
        writer.WriteEndArray();
    }
}
