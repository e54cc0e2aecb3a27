using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Datapath.Architecture.Tests;

/// <summary>Prints the public types and members of an assembly, a line each, in a fixed order.</summary>
internal static class ApiPrinter
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Print(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(static t => t.FullName, StringComparer.Ordinal))
        {
            _ = text.Append(Header(type)).Append('\n');
            foreach (var member in Members(type).Distinct().Order(StringComparer.Ordinal))
                _ = text.Append("    ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => type.IsDefined(typeof(IsByRefLikeAttribute)) ? "ref struct" : "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = type.GetInterfaces().Where(static i => i.IsPublic).Select(Name).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType)
            bases.Insert(0, Name(parent));
        return $"{kind} {type.Namespace}.{Name(type)}" + (bases.Count > 0 && !type.IsEnum ? " : " + string.Join(", ", bases) : "");
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                yield return $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}";
            yield break;
        }

        foreach (var field in type.GetFields(Declared).Where(static f => f.IsPublic))
            yield return (field.IsLiteral ? $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}" : $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}");
        foreach (var constructor in type.GetConstructors(Declared).Where(IsVisible))
            yield return $"new({Parameters(constructor)})";
        foreach (var property in type.GetProperties(Declared))
        {
            var accessors = string.Join(' ', property.GetAccessors(nonPublic: true).Where(IsVisible).Select(Accessor));
            if (accessors.Length > 0)
                yield return $"{(property.GetAccessors(nonPublic: true)[0].IsStatic ? "static " : "")}{Name(property.PropertyType)} {property.Name} {{ {accessors} }}";
        }

        foreach (var method in type.GetMethods(Declared).Where(IsVisible).Where(static m => !m.IsSpecialName && !m.Name.Contains('<', StringComparison.Ordinal) && !m.Name.Contains('.', StringComparison.Ordinal)))
            yield return $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{Generic(method.GetGenericArguments())}({Parameters(method)})";
        foreach (var method in type.GetMethods(Declared).Where(static m => m.IsPublic && m.Name.StartsWith("op_", StringComparison.Ordinal)))
            yield return $"operator {method.Name[3..]}({Parameters(method)})";
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Accessor(MethodInfo accessor) =>
        accessor.Name.StartsWith("get_", StringComparison.Ordinal) ? "get;"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(static p =>
        $"{(p.IsOut ? "out " : p.IsIn ? "in " : p.ParameterType.IsByRef ? "ref " : "")}{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "null"}" : "")}"));

    private static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying) + "?";
        var name = type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : name[..tick] + Generic(type.GetGenericArguments());
    }
}
