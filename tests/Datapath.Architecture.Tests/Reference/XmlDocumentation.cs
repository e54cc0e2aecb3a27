using System.Reflection;
using System.Xml.Linq;
using System.Xml.XPath;

namespace Datapath.Architecture.Tests.Reference;

/// <summary>What the sources of some assemblies say of their members, with that of others where they say that it is the same.</summary>
internal sealed class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _members = [];

    public XmlDocumentation(IEnumerable<Assembly> assemblies)
    {
        foreach (var member in assemblies.SelectMany(static a => XDocument.Load(Path.ChangeExtension(a.Location, ".xml")).Descendants("member")))
            _members.Add(member.Attribute("name")!.Value, member);
    }

    /// <summary>What is said of a member.</summary>
    /// <returns>The elements, without any <c>inheritdoc</c>; <see langword="null"/> if nothing is said, as of what the compiler made by itself.</returns>
    public XElement? Of(MemberInfo member)
    {
        if (!_members.TryGetValue(DocumentationId.Of(member), out var said))
            return null;
        var all = new XElement("member");
        foreach (var element in said.Elements())
            all.Add(element.Name == "inheritdoc" ? Inherited(member, element) : [element]);
        return all;
    }

    private IEnumerable<XElement> Inherited(MemberInfo member, XElement inheritance)
    {
        if (inheritance.Attribute("cref") is not { } other)
            return Origin(member) is { } origin ? Of(origin)?.Elements() ?? [Foreign(origin)] : throw new InvalidDataException($"{DocumentationId.Of(member)} inherits from nothing");
        if (!_members.TryGetValue(other.Value, out var said))
            throw new InvalidDataException($"{DocumentationId.Of(member)} inherits from {other.Value}, which is not documented here");
        if (said.Elements("inheritdoc").Any())
            throw new InvalidDataException($"{DocumentationId.Of(member)} inherits from {other.Value}, which inherits itself: name the origin");
        var path = inheritance.Attribute("path")?.Value;
        return path is null ? said.Elements() : said.XPathSelectElements("." + path);
    }

    // What .NET itself has is documented there.
    private static XElement Foreign(MemberInfo origin) => new("summary", "As ", new XElement("see", new XAttribute("cref", DocumentationId.Of(origin))), " says.");

    private static MemberInfo? Origin(MemberInfo member) => member switch
    {
        Type type => type.BaseType == typeof(object) || type.IsValueType ? type.GetInterfaces().FirstOrDefault() : type.BaseType,
        PropertyInfo property => Origin(property.GetAccessors(nonPublic: true)[0]) is { } accessor
            ? accessor.DeclaringType!.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).FirstOrDefault(p => p.GetAccessors(nonPublic: true).Contains(accessor)) : null,
        MethodInfo method => Origin(method),
        _ => null,
    };

    private static MethodInfo? Origin(MethodInfo method)
    {
        // The one that is overridden, not the first of all: the nearest has the most to say.
        for (var parent = method.GetBaseDefinition() == method ? null : method.DeclaringType!.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (parent.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .FirstOrDefault(m => m.GetBaseDefinition() == method.GetBaseDefinition()) is { } overridden)
            {
                return overridden;
            }
        }

        if (method.DeclaringType!.IsInterface)
            return null;
        return method.DeclaringType.GetInterfaces().OrderBy(static i => i.FullName, StringComparer.Ordinal)
            .Select(i => method.DeclaringType.GetInterfaceMap(i))
            .SelectMany(static map => map.TargetMethods.Zip(map.InterfaceMethods))
            .FirstOrDefault(pair => pair.First == method).Second;
    }
}
