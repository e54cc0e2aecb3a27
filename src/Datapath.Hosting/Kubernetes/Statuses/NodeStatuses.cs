using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>What nodes say of a policy, in <c>status.nodes</c>.</summary>
/// <param name="Own">What the node that asks says; <see langword="null"/>: nothing.</param>
/// <param name="Nodes">The nodes that say something.</param>
internal sealed record NodeStatuses(NodeStatus? Own, IReadOnlyList<string> Nodes)
{
    /// <summary>Reads the status that a reader stands at the name of, and goes to its end.</summary>
    public static NodeStatuses? Read(ref Utf8JsonReader reader, string node)
    {
        NodeStatuses? found = null;
        if (!JsonFields.Enter(ref reader))
            return null;
        while (JsonFields.Next(ref reader))
        {
            if (!reader.ValueTextEquals("nodes"u8))
                JsonFields.Skip(ref reader);
            else if (JsonFields.Enter(ref reader))
                found = ReadNodes(ref reader, node);
        }

        return found;
    }

    private static NodeStatuses ReadNodes(ref Utf8JsonReader reader, string node)
    {
        NodeStatus? own = null;
        var nodes = new List<string>();
        while (JsonFields.Next(ref reader))
        {
            var name = reader.GetString()!;
            nodes.Add(name);
            if (name != node)
                JsonFields.Skip(ref reader);
            else if (JsonFields.Enter(ref reader))
                own = NodeStatus.Read(ref reader);
        }

        return new(own, nodes);
    }
}
