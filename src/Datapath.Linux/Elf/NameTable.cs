using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Datapath.Linux.Elf;

/// <summary>
/// Names by their places in a table of them, each made once. A compiler lets a name stand at the end of another, so that all of them are about
/// as long as the table; a file that asks for much more than that is made to.
/// </summary>
/// <param name="tableLength">Bytes of the table.</param>
internal sealed class NameTable(int tableLength)
{
    private readonly Dictionary<uint, string> _names = [];
    private long _left = (8L * tableLength) + (64 << 10);

    /// <summary>Finds a name that was made before.</summary>
    public bool TryGet(uint offset, [NotNullWhen(true)] out string? name) => _names.TryGetValue(offset, out name);

    /// <summary>Makes a name, unless it was made before.</summary>
    /// <param name="offset">Where it stands.</param>
    /// <param name="name">Its bytes.</param>
    /// <exception cref="InvalidBpfObjectException">The names are too long in all.</exception>
    public string Make(uint offset, ReadOnlySpan<byte> name)
    {
        if (_names.TryGetValue(offset, out var made))
            return made;
        _left -= name.Length;
        if (_left < 0)
            throw new InvalidBpfObjectException($"the names of a table of {tableLength} bytes are many times longer than it");
        made = Encoding.UTF8.GetString(name);
        _names.Add(offset, made);
        return made;
    }
}
