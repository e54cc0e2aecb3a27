namespace Datapath.Bench.Results;

/// <summary>Measured values of one thing, in any order.</summary>
internal sealed class Sample
{
    private readonly List<double> _values = [];
    private bool _isSorted = true;

    public int Count => _values.Count;

    public double Median => Quantile(0.5);

    public static Sample Of(IEnumerable<double> values)
    {
        var sample = new Sample();
        foreach (var value in values)
            sample.Add(value);
        return sample;
    }

    public void Add(double value)
    {
        _values.Add(value);
        _isSorted = false;
    }

    /// <summary>The value below which this part of the sample lies; NaN of nothing.</summary>
    public double Quantile(double part)
    {
        if (_values.Count == 0)
            return double.NaN;
        if (!_isSorted)
        {
            _values.Sort();
            _isSorted = true;
        }

        return _values[(int)Math.Min(_values.Count - 1, part * _values.Count)];
    }
}
