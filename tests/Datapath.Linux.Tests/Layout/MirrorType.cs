using System.Reflection;
using System.Runtime.CompilerServices;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Tests.Layout;

/// <summary>The C# types that stand for C types.</summary>
internal static class MirrorType
{
    /// <summary>The mirrors by the C names.</summary>
    public static IReadOnlyDictionary<string, Type> All { get; } = typeof(KernelTypeAttribute).Assembly.GetTypes()
        .Where(static type => type.GetCustomAttribute<KernelTypeAttribute>() is not null)
        .ToDictionary(static type => type.GetCustomAttribute<KernelTypeAttribute>()!.Name);

    public static uint SizeOf(Type type) =>
        (uint)(int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>All fields, those of fields too. Offsets are measured: a field is set to ones in a value of zeros.</summary>
    public static IEnumerable<FieldLayout> FieldsOf(Type type, string prefix = "", uint start = 0)
    {
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            var offset = start + OffsetOf(type, field);
            foreach (var flat in Flatten(field.FieldType, prefix + field.Name, offset))
                yield return flat;
        }
    }

    private static IEnumerable<FieldLayout> Flatten(Type type, string name, uint offset)
    {
        if (type.IsPrimitive || type.IsEnum)
            return [new(name, offset, SizeOf(type))];
        if (type.GetCustomAttribute<InlineArrayAttribute>() is not { } array)
            return FieldsOf(type, name + ".", offset);
        var element = type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Single().FieldType;
        return Enumerable.Range(0, array.Length).SelectMany(i => Flatten(element, name + i, offset + ((uint)i * SizeOf(element))));
    }

    private static uint OffsetOf(Type type, FieldInfo field)
    {
        var value = RuntimeHelpers.GetUninitializedObject(type);
        field.SetValue(value, Ones(field.FieldType));
        var bytesOf = typeof(MirrorType).GetMethod(nameof(BytesOf), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type);
        var bytes = (byte[])bytesOf.Invoke(null, [value])!;
        return (uint)Array.FindIndex(bytes, static b => b != 0);
    }

    private static object Ones(Type type)
    {
        if (type.IsPrimitive)
            return type.GetField("MaxValue")!.GetValue(null)!;
        if (type.IsEnum)
            return Enum.ToObject(type, Ones(type.GetEnumUnderlyingType()));
        var value = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            field.SetValue(value, Ones(field.FieldType));
        return value;
    }

    private static byte[] BytesOf<T>(T value)
        where T : unmanaged
    {
        var bytes = new byte[Unsafe.SizeOf<T>()];
        Unsafe.WriteUnaligned(ref bytes[0], value);
        return bytes;
    }
}
