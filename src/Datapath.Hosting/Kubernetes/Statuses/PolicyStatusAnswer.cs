using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>What a server answers to the write of a status: the whole object.</summary>
internal static class PolicyStatusAnswer
{
    /// <summary>What a node's part of the status is now.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static NodeStatus? Find(byte[] answer, string node)
    {
        var reader = new Utf8JsonReader(answer);
        return reader.Read() && reader.TokenType is JsonTokenType.StartObject ? ObjectHeader.Read(ref reader, node).Statuses?.Own : null;
    }
}
