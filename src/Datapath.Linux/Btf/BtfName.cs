namespace Datapath.Linux.Btf;

/// <summary>Names of types. A program may declare a type of the kernel several times, each with a flavour: <c>task_struct___old</c>.</summary>
internal static class BtfName
{
    /// <summary>What stands before the last three underscores that have another character on either side; all of it if there are none.</summary>
    public static ReadOnlySpan<byte> WithoutFlavour(ReadOnlySpan<byte> name)
    {
        for (var rest = name; ;)
        {
            var at = rest.LastIndexOf("___"u8);
            if (at <= 0)
                return name;
            if (at + 3 < name.Length && name[at - 1] != '_' && name[at + 3] != '_')
                return name[..at];
            rest = rest[..(at + 2)];
        }
    }

    public static bool AreSameButFlavour(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => WithoutFlavour(a).SequenceEqual(WithoutFlavour(b));
}
