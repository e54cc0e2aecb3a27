namespace Datapath.Linux.Masquerade;

/// <summary>The different rows of the table of verdicts: classes of sources that are treated alike share one.</summary>
internal sealed class VerdictRows
{
    private readonly MasqueradeState _state;
    private readonly byte[] _rows;
    private readonly List<int> _sourceClasses = [];

    public VerdictRows(MasqueradeState state)
    {
        _state = state;
        _rows = new byte[state.Sources.Classes.Length];
        for (var i = 0; i < _rows.Length; i++)
        {
            var row = _sourceClasses.FindIndex(known => VerdictsOf(known).SequenceEqual(VerdictsOf(i)));
            if (row < 0)
            {
                row = _sourceClasses.Count;
                _sourceClasses.Add(i);
            }

            _rows[i] = (byte)row;
        }
    }

    /// <summary>How many there are, at most as many as classes.</summary>
    public int Count => _sourceClasses.Count;

    /// <summary>The row of a source class.</summary>
    public byte RowOf(byte sourceClass) => _rows[sourceClass];

    /// <summary>The verdicts of a row, by destination class.</summary>
    public ReadOnlySpan<MasqueradeVerdict> this[int row] => VerdictsOf(_sourceClasses[row]);

    /// <summary>For each destination class the first that has its verdict in a row, so that prefixes of either can be one.</summary>
    public byte[] AlikeIn(int row)
    {
        var alike = new byte[this[row].Length];
        for (var i = 0; i < alike.Length; i++)
            alike[i] = (byte)this[row].IndexOf(this[row][i]);
        return alike;
    }

    private ReadOnlySpan<MasqueradeVerdict> VerdictsOf(int sourceClass)
    {
        var columns = _state.Destinations.Classes.Length;
        return _state.Verdicts.AsSpan().Slice(sourceClass * columns, columns);
    }
}
