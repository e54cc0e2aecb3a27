using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Datapath.Architecture.Tests;

/// <summary>Prints the public types and members of an assembly, a line each, in a fixed order.</summary>
internal sealed class ApiPrinter
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(object)] = "object",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(string)] = "string",
        [typeof(uint)] = "uint",
        [typeof(ulong)] = "ulong",
        [typeof(ushort)] = "ushort",
        [typeof(void)] = "void",
    };

    /// <summary>Whether types are named as in C#, with its keywords and what may be null, rather than as in metadata.</summary>
    public bool IsForReaders { get; init; }

    public string Print(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(static t => t.FullName, StringComparer.Ordinal))
        {
            _ = text.Append(Header(type)).Append('\n');
            foreach (var member in Members(type).Select(static m => m.Signature).Distinct().Order(StringComparer.Ordinal))
                _ = text.Append("    ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What a type is, its name and what it is made of.</summary>
    public string Header(Type type)
    {
        if (IsForReaders && type.BaseType == typeof(MulticastDelegate))
        {
            var call = type.GetMethod("Invoke")!;
            return $"delegate {Name(call.ReturnParameter)} {type.Namespace}.{Name(type)}({Parameters(call)})";
        }

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

    /// <summary>The members that others see, as declared by a type itself.</summary>
    public IEnumerable<(MemberInfo Member, string Signature)> Members(Type type)
    {
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                yield return (field, $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");
            yield break;
        }

        foreach (var field in type.GetFields(Declared).Where(static f => f.IsPublic))
            yield return (field, field.IsLiteral ? $"const {Name(field)} {field.Name} = {Value(field.GetRawConstantValue(), field.FieldType)}" : $"{(field.IsStatic ? "static " : "")}{Name(field)} {field.Name}");
        foreach (var constructor in type.GetConstructors(Declared).Where(IsVisible))
            yield return (constructor, $"new({Parameters(constructor)})");
        foreach (var property in type.GetProperties(Declared))
        {
            var accessors = string.Join(' ', property.GetAccessors(nonPublic: true).Where(IsVisible).Select(Accessor));
            if (accessors.Length > 0)
                yield return (property, $"{(property.GetAccessors(nonPublic: true)[0].IsStatic ? "static " : "")}{Name(property)} {property.Name} {{ {accessors} }}");
        }

        foreach (var @event in type.GetEvents(Declared).Where(static e => IsVisible(e.AddMethod!)))
            yield return (@event, $"event {Name(@event.EventHandlerType!)} {@event.Name}");
        foreach (var method in type.GetMethods(Declared).Where(IsVisible).Where(static m => !m.IsSpecialName && !m.Name.Contains('<', StringComparison.Ordinal) && !m.Name.Contains('.', StringComparison.Ordinal)))
            yield return (method, $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnParameter)} {method.Name}{Generic(method.GetGenericArguments())}({Parameters(method)})");
        foreach (var method in type.GetMethods(Declared).Where(static m => m.IsPublic && m.Name.StartsWith("op_", StringComparison.Ordinal)))
            yield return (method, $"operator {method.Name[3..]}({Parameters(method)})");
    }

    /// <summary>The name of a type, with those of the types around it.</summary>
    public string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying) + "?";
        if (IsForReaders && s_keywords.TryGetValue(type, out var keyword))
            return keyword;
        var name = type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : name[..tick] + Generic(type.GetGenericArguments());
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Accessor(MethodInfo accessor) =>
        accessor.Name.StartsWith("get_", StringComparison.Ordinal) ? "get;"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";

    private string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{(p.IsOut ? "out " : p.IsIn ? "in " : p.ParameterType.IsByRef ? "ref " : "")}{Name(p)} {p.Name}{(p.HasDefaultValue ? $" = {Value(p.DefaultValue, p.ParameterType)}" : "")}"));

    private string Value(object? value, Type type) => value switch
    {
        string text when IsForReaders => $"\"{text}\"",
        bool truth when IsForReaders => truth ? "true" : "false",
        null when IsForReaders && type.IsValueType && Nullable.GetUnderlyingType(type) is null => "default",
        null => "null",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    private string Name(FieldInfo field) => Name(field.FieldType) + Mark(field.FieldType, () => new NullabilityInfoContext().Create(field));

    private string Name(PropertyInfo property) => Name(property.PropertyType) + Mark(property.PropertyType, () => new NullabilityInfoContext().Create(property));

    private string Name(ParameterInfo parameter) => Name(parameter.ParameterType) + Mark(parameter.ParameterType, () => new NullabilityInfoContext().Create(parameter));

    // The question mark of references that may be null: that of values is in their type.
    private string Mark(Type type, Func<NullabilityInfo> nullability) =>
        IsForReaders && !(type.IsByRef ? type.GetElementType()! : type).IsValueType && nullability() is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable } ? "?" : "";
}
