using System.Reflection;

namespace Datapath.Architecture.Tests.Reference;

/// <summary>Where each public type is described.</summary>
internal sealed class ReferenceLinks
{
    private readonly Dictionary<string, (Type Type, string Page)> _types = [];
    private readonly ApiPrinter _names = new() { IsForReaders = true };

    public ReferenceLinks(IEnumerable<Assembly> packages)
    {
        foreach (var type in packages.SelectMany(static package => package.GetExportedTypes()))
            _types.Add(DocumentationId.Of(type)["T:".Length..], (type, PageOf(type)));
    }

    /// <summary>The file with the types of a namespace, below docs/api.</summary>
    public static string PageOf(Type type) => $"{type.Assembly.GetName().Name}/{type.Namespace}.md";

    /// <summary>The part of a link that leads to a heading, by the rules that GitHub has.</summary>
    public static string Anchor(string heading) =>
        "#" + string.Concat(heading.ToLowerInvariant().Where(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or ' ')).Replace(' ', '-');

    /// <summary>A link to a type or the type of a member, or its name alone if it is not described here.</summary>
    /// <param name="id">What is meant, as the compiler names it.</param>
    /// <param name="from">The type on whose page the link is.</param>
    public string To(string id, Type from)
    {
        var name = id[2..].Split('(', '~')[0];
        if (id[0] is 'T')
            return _types.TryGetValue(name, out var type) ? Link(_names.Name(type.Type), type, from) : Code(Plain(name[(name.LastIndexOf('.') + 1)..]));
        var dot = name.LastIndexOf('.');
        var (owner, member) = (name[..dot], Plain(name[(dot + 1)..]));
        if (!_types.TryGetValue(owner, out var described))
            return Code(Shown(Plain(owner[(owner.LastIndexOf('.') + 1)..]), member));
        return described.Type == from ? Code(member is "#ctor" ? $"new {_names.Name(from)}" : member) : Link(Shown(_names.Name(described.Type), member), described, from);
    }

    private static string Shown(string type, string member) => member is "#ctor" ? $"new {type}" : $"{type}.{member}";

    private static string Plain(string name) => name.Split('`')[0];

    private static string Code(string text) => $"`{text}`";

    private string Link(string text, (Type Type, string Page) to, Type from)
    {
        if (to.Type == from)
            return Code(text);
        var path = to.Page == PageOf(from) ? "" : Path.GetRelativePath(Path.GetDirectoryName(PageOf(from))!, to.Page);
        return $"[{Code(text)}]({path}{Anchor(_names.Name(to.Type))})";
    }
}
