using System.Globalization;
using System.Runtime.CompilerServices;

namespace Datapath.Linux;

/// <summary>An interpolated text that costs nothing unless a call has failed.</summary>
[InterpolatedStringHandler]
internal ref struct OperationText
{
    private DefaultInterpolatedStringHandler _inner;

    public OperationText(int literalLength, int formattedCount, Errno errno, out bool isFailure)
    {
        isFailure = errno is not Errno.None;
        _inner = isFailure ? new(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string value) => _inner.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _inner.AppendFormatted(value, format);

    public override string ToString() => _inner.ToStringAndClear();
}
