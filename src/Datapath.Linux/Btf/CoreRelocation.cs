namespace Datapath.Linux.Btf;

/// <summary>What a program asks of the kernel's types where it cannot know at compile time (<c>enum bpf_core_relo_kind</c>).</summary>
internal enum CoreRelocationKind : uint
{
    FieldByteOffset = 0,
    FieldByteSize = 1,
    FieldExists = 2,
    FieldSigned = 3,
    FieldLeftShift = 4,
    FieldRightShift = 5,
    TypeIdLocal = 6,
    TypeIdTarget = 7,
    TypeExists = 8,
    TypeSize = 9,
    EnumValueExists = 10,
    EnumValue = 11,
    TypeMatches = 12,
}

/// <summary>An instruction that depends on the kernel's types ("compile once, run everywhere"), from the section <c>.BTF.ext</c>.</summary>
/// <param name="Offset">Bytes from the first instruction.</param>
/// <param name="Type">The root type, in the object's types.</param>
/// <param name="Access">Fields: indexes from the root, such as <c>0:1:2</c>. Enum values: the index of the value. Types: <c>0</c>.</param>
/// <param name="Kind">What is asked.</param>
internal readonly record struct CoreRelocation(int Offset, uint Type, string Access, CoreRelocationKind Kind);
