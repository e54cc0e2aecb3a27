using Datapath.Linux.Namespaces;

namespace Datapath.Agent.Commands.Nat;

/// <summary>The names of devices of a network namespace. One that is not known is looked for again.</summary>
internal sealed class DeviceNames(string networkNamespace)
{
    private Dictionary<int, string> _names = [];

    public string? NameOf(int index)
    {
        if (!_names.ContainsKey(index))
            _names = List();
        return _names.GetValueOrDefault(index);
    }

    private Dictionary<int, string> List()
    {
        using var network = NetworkNamespace.Open(networkNamespace);
        using var route = network.OpenRouteNetlink();
        return route.ListLinks().ToDictionary(static link => link.Index, static link => link.Name);
    }
}
