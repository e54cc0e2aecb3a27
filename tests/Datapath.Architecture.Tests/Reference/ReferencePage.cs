using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Datapath.Architecture.Tests.Reference;

/// <summary>The page of a namespace: its types, and of each what it is for and its members.</summary>
internal sealed class ReferencePage(XmlDocumentation documentation, ReferenceLinks links)
{
    private readonly ApiPrinter _printer = new() { IsForReaders = true };
    private readonly ReferenceText _text = new(links);

    /// <param name="types">All of the namespace, in their order.</param>
    public string Print(IReadOnlyCollection<Type> types)
    {
        var (package, name) = (types.First().Assembly.GetName().Name, types.First().Namespace);
        var page = new StringBuilder($"# {name}\n\nOf the package `{package}`. Made from the documentation in its sources. [All types](../README.md)\n\n| Type | |\n|---|---|\n");
        foreach (var type in types)
            _ = page.Append($"| [`{_printer.Name(type)}`]({ReferenceLinks.Anchor(_printer.Name(type))}) | {(documentation.Of(type)?.Element("summary") is { } summary ? One(summary, type) : "")} |\n");
        foreach (var type in types)
            Print(page, type);
        return page.ToString();
    }

    private void Print(StringBuilder page, Type type)
    {
        var said = documentation.Of(type) ?? new XElement("member");
        _ = page.Append($"\n## {_printer.Name(type).Replace("<", "\\<", StringComparison.Ordinal)}\n`{_printer.Header(type).Replace($"{type.Namespace}.", "", StringComparison.Ordinal)}`\n");
        foreach (var paragraph in Body(said, type))
            _ = page.Append($"\n{paragraph}\n");
        Details(page, said, type, "\n", "");
        var members = _printer.Members(type).Select(member => (member.Member, member.Signature, Said: documentation.Of(member.Member))).Where(static member => member.Said is not null || member.Member.DeclaringType!.IsEnum)
            .OrderBy(static member => Rank(member.Member)).ThenBy(static member => OrderOf(member.Member)).ThenBy(static member => member.Signature, StringComparer.Ordinal).ToArray();
        var first = "\n";
        foreach (var (_, signature, documented) in members)
        {
            _ = page.Append($"{first}- `{signature}`");
            first = "";
            if (documented is null) // a number that has the name which the kernel gave it
            {
                _ = page.Append('\n');
                continue;
            }

            _ = page.Append($": {string.Join(' ', Body(documented, type))}\n");
            Details(page, documented, type, "", "  ");
        }
    }

    private IEnumerable<string> Body(XElement said, Type type) => from element in said.Elements()
                                                                  where element.Name.LocalName is "summary" or "remarks" or "example"
                                                                  from paragraph in _text.Paragraphs(element, type)
                                                                  select paragraph;

    // What a record is made of are its properties: of types, only delegates have parameters of their own.
    private void Details(StringBuilder page, XElement said, Type type, string before, string indentation)
    {
        var details = said.Elements("typeparam").Select(element => $"`{element.Attribute("name")!.Value}`: {One(element, type)}")
            .Concat(said.Elements("param").Where(_ => indentation.Length > 0 || type.BaseType == typeof(MulticastDelegate)).Select(element => $"`{element.Attribute("name")!.Value}`: {One(element, type)}"))
            .Concat(said.Elements("returns").Select(element => $"Returns: {One(element, type)}"))
            .Concat(said.Elements("exception").Select(element => $"Throws {links.To(element.Attribute("cref")!.Value, type)}: {One(element, type)}"));
        foreach (var detail in details)
        {
            _ = page.Append($"{before}{indentation}- {detail}\n");
            before = "";
        }
    }

    private string One(XElement element, Type type) => string.Join(' ', _text.Paragraphs(element, type));

    private static int Rank(MemberInfo member) => member switch
    {
        ConstructorInfo => 0,
        FieldInfo => 1,
        PropertyInfo => 2,
        EventInfo => 3,
        MethodInfo { IsSpecialName: false } => 4,
        _ => 5,
    };

    // Values of an enumeration go by their numbers, all else by name.
    private static (decimal Value, string Name) OrderOf(MemberInfo member) =>
        member is FieldInfo { DeclaringType.IsEnum: true } field ? (Convert.ToDecimal(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture), field.Name) : (0, member.Name);
}
