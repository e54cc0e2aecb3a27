using System.Reflection;
using System.Text;

namespace Datapath.Architecture.Tests.Reference;

/// <summary>All pages of the reference, by their paths below docs/api.</summary>
internal sealed class ApiReference
{
    public const string Index = "README.md";
    private readonly Assembly[] _packages;
    private readonly ReferencePage _page;
    private readonly ApiPrinter _names = new() { IsForReaders = true };

    public ApiReference(IEnumerable<string> packages)
    {
        _packages = [.. packages.Select(Assembly.Load)];
        _page = new(new(_packages), new(_packages));
    }

    public SortedDictionary<string, string> Print()
    {
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var index = new StringBuilder("# API reference\n\nEvery public type and member, made from the documentation in the sources: change it there. How the parts fit together\nis in [architecture](../architecture.md), where to begin in [getting started](../getting-started.md).\n");
        foreach (var package in _packages)
        {
            _ = index.Append($"\n## {package.GetName().Name}\n");
            foreach (var types in package.GetExportedTypes().OrderBy(static type => type.FullName, StringComparer.Ordinal).GroupBy(ReferenceLinks.PageOf).OrderBy(static page => page.Key, StringComparer.Ordinal))
            {
                pages.Add(types.Key, _page.Print([.. types]));
                var links = types.Select(type => $"[`{_names.Name(type)}`]({types.Key}{ReferenceLinks.Anchor(_names.Name(type))})");
                _ = index.Append($"\n### [{types.First().Namespace}]({types.Key})\n{string.Join(",\n", links)}\n");
            }
        }

        pages.Add(Index, index.ToString());
        return pages;
    }
}
