using System.Reflection;

namespace Datapath.Architecture.Tests.Reference;

/// <summary>By what the compiler names a member in the documentation that it writes, for example <c>M:Datapath.L4Address.Parse(System.String)</c>.</summary>
internal static class DocumentationId
{
    public static string Of(MemberInfo member) => Definition(member) switch
    {
        Type type => "T:" + Definition(type),
        FieldInfo field => $"F:{Owner(field)}.{field.Name}",
        EventInfo @event => $"E:{Owner(@event)}.{@event.Name}",
        PropertyInfo property => $"P:{Owner(property)}.{Escaped(property.Name)}{Parameters(property.GetIndexParameters())}",
        MethodBase method => $"M:{Owner(method)}.{Escaped(method.Name)}{Arity(method)}{Parameters(method.GetParameters())}{Conversion(method)}",
        _ => throw new NotSupportedException($"{member.MemberType} {member}"),
    };

    // A member of BpfHashMap<int, long> is documented with BpfHashMap<TKey, TValue>.
    private static MemberInfo Definition(MemberInfo member) => member switch
    {
        Type { IsGenericType: true } type => type.GetGenericTypeDefinition(),
        MethodInfo { IsGenericMethod: true, IsGenericMethodDefinition: false } method => Definition(method.GetGenericMethodDefinition()),
        { DeclaringType: { IsGenericType: true, IsGenericTypeDefinition: false } owner } => owner.GetGenericTypeDefinition().GetMemberWithSameMetadataDefinitionAs(member),
        _ => member,
    };

    private static string Owner(MemberInfo member) => Definition(member.DeclaringType!);

    private static string Definition(Type type) => type.FullName!.Replace('+', '.');

    private static string Escaped(string name) => name.Replace('.', '#');

    private static string Arity(MethodBase method) => method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";

    private static string Parameters(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(static p => Reference(p.ParameterType)))})";

    private static string Conversion(MethodBase method) =>
        method is MethodInfo { Name: "op_Implicit" or "op_Explicit" } conversion ? "~" + Reference(conversion.ReturnType) : "";

    private static string Reference(Type type) => type switch
    {
        { IsByRef: true } => Reference(type.GetElementType()!) + "@",
        { IsPointer: true } => Reference(type.GetElementType()!) + "*",
        { IsArray: true } => Reference(type.GetElementType()!) + "[]",
        { IsGenericMethodParameter: true } => "``" + type.GenericParameterPosition,
        { IsGenericParameter: true } => "`" + type.GenericParameterPosition,
        { IsConstructedGenericType: true } => Constructed(type),
        { IsGenericTypeDefinition: true } => Constructed(type),
        _ => Definition(type),
    };

    // Each type of a nested name carries its own arguments: Outer{System.Int32}.Inner.
    private static string Constructed(Type type)
    {
        var arguments = type.GetGenericArguments();
        var used = 0;
        var names = Definition(type.GetGenericTypeDefinition()).Split('.').Select(name =>
        {
            if (name.Split('`') is not [var plain, var arity])
                return name;
            var own = arguments[used..(used += int.Parse(arity, System.Globalization.CultureInfo.InvariantCulture))];
            return $"{plain}{{{string.Join(',', own.Select(Reference))}}}";
        });
        return string.Join('.', names);
    }
}
