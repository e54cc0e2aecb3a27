using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>The names of the kernel that an object declares without a type: <c>extern const void name __ksym</c>.</summary>
internal static class UntypedSymbols
{
    private const string Section = ".ksyms";

    /// <summary>Qualifiers of a real type are few.</summary>
    private const int MaxDepth = 16;

    public static HashSet<string> Read(BtfFile btf)
    {
        var names = new HashSet<string>();
        foreach (var member in btf.Find(BtfKind.DataSection, Section)?.Members ?? [])
        {
            var variable = btf[member.Type];
            if (variable.Kind is BtfKind.Var && IsVoid(btf, variable.Target))
                names.Add(variable.Name);
        }

        return names;
    }

    private static bool IsVoid(BtfFile btf, uint id)
    {
        for (var depth = 0; id != 0; depth++)
        {
            if (depth == MaxDepth || btf[id] is not { Kind: BtfKind.Const or BtfKind.Volatile or BtfKind.Typedef } qualifier)
                return false;
            id = qualifier.Target;
        }

        return true;
    }
}
