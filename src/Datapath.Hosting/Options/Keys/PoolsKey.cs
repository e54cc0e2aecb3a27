using System.Net;
using Datapath.Policy;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>The pools of addresses: a list of objects with <c>name</c>, <c>addresses</c> and two selectors of labels, as kubectl writes them.</summary>
internal sealed class PoolsKey : ConfigurationKey
{
    private static readonly string[] s_keys = ["addresses", "name", "namespaceSelector", "podSelector"];

    public override void Read(IConfigurationSection section, DatapathOptions options, ReadErrors errors)
    {
        if (section.Value is { Length: > 0 })
        {
            errors.Add(section, "must be a list of objects with name and addresses");
            return;
        }

        options.Masquerade.Pools.Clear();
        foreach (var item in section.GetChildren())
            options.Masquerade.Pools.Add(ReadPool(item, errors));
    }

    private static MasqueradePool ReadPool(IConfigurationSection item, ReadErrors errors)
    {
        foreach (var child in item.GetChildren())
        {
            if (!s_keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                errors.AddUnknown(child, s_keys);
        }

        var addresses = new List<IPAddress>();
        foreach (var address in item.GetSection("addresses").GetChildren())
        {
            if (ValueForms.Address.TryRead(address, out var value))
                addresses.Add(value);
            else
                errors.Add(address, ValueForms.Address.Rule);
        }

        return new()
        {
            Name = item["name"] ?? "",
            NamespaceSelector = ReadSelector(item.GetSection("namespaceSelector"), errors),
            PodSelector = ReadSelector(item.GetSection("podSelector"), errors),
            Addresses = [.. addresses],
        };
    }

    private static LabelSelector ReadSelector(IConfigurationSection section, ReadErrors errors)
    {
        if (section.Value is null && !section.GetChildren().Any())
            return LabelSelector.Everything;
        if (section.Value is { } text && LabelSelector.TryParse(text, out var selector))
            return selector;
        errors.Add(section, "must be a label selector such as app=web,tier!=test");
        return LabelSelector.Everything;
    }
}
