namespace Datapath.Linux.Btf;

/// <summary>What a type is (kernel documentation, "BPF Type Format").</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum BtfKind
{
    /// <summary>Nothing: what a function without a result returns.</summary>
    Void = 0,

    /// <summary>An integer, a letter or a truth value.</summary>
    Int = 1,

    /// <summary>A pointer.</summary>
    Pointer = 2,

    /// <summary>An array.</summary>
    Array = 3,

    /// <summary>A struct.</summary>
    Struct = 4,

    /// <summary>A union.</summary>
    Union = 5,

    /// <summary>An enum of up to 32 bits.</summary>
    Enum = 6,

    /// <summary>A struct or union of which only the name is known.</summary>
    Forward = 7,

    /// <summary>Another name for a type.</summary>
    Typedef = 8,

    /// <summary>The qualifier <c>volatile</c>.</summary>
    Volatile = 9,

    /// <summary>The qualifier <c>const</c>.</summary>
    Const = 10,

    /// <summary>The qualifier <c>restrict</c>.</summary>
    Restrict = 11,

    /// <summary>A function.</summary>
    Func = 12,

    /// <summary>What a function takes and returns.</summary>
    FuncProto = 13,

    /// <summary>A variable.</summary>
    Var = 14,

    /// <summary>A section of variables, or of maps.</summary>
    DataSection = 15,

    /// <summary>A floating-point number.</summary>
    Float = 16,

    /// <summary>A mark on something declared.</summary>
    DeclTag = 17,

    /// <summary>A mark on a type.</summary>
    TypeTag = 18,

    /// <summary>An enum of 64 bits.</summary>
    Enum64 = 19,
}
