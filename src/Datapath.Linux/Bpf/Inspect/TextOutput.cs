using System.Globalization;
using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>A value in one line: <c>{port: 80, name: "web", addresses: [1, 2]}</c>.</summary>
internal sealed class TextOutput(StringBuilder text) : IValueOutput
{
    private bool _isFirst = true; // of the fields or items that are open
    private bool _hasName; // which has put the comma already

    public void BeginFields() => Open('{');

    public void Name(string name)
    {
        Separate();
        AppendEscaped(name, quote: null);
        text.Append(": ");
        _hasName = true;
    }

    public void EndFields() => Close('}');

    public void BeginItems() => Open('[');

    public void EndItems() => Close(']');

    public void Signed(long value) => Start().Append(value);

    public void Unsigned(ulong value) => Start().Append(value);

    public void Real(double value) => Start().Append(value.ToString("R", CultureInfo.InvariantCulture));

    public void Truth(bool value) => Start().Append(value ? "true" : "false");

    public void Letter(char value)
    {
        _ = Start();
        AppendEscaped(value.ToString(), '\'');
    }

    public void Text(string value)
    {
        _ = Start();
        AppendEscaped(value, '"');
    }

    public void Symbol(string name)
    {
        _ = Start();
        AppendEscaped(name, quote: null);
    }

    public void Hex(UInt128 value) => Start().Append(CultureInfo.InvariantCulture, $"0x{value:x}");

    public void Bytes(ReadOnlySpan<byte> value)
    {
        _ = Start();
        AppendBytes(text, value);
    }

    public void MoreFields(long count) => MoreItems(count);

    public void MoreItems(long count) => Start().Append(CultureInfo.InvariantCulture, $"… {count} more");

    /// <summary>Bytes as pairs of hexadecimal digits with spaces between.</summary>
    public static StringBuilder AppendBytes(StringBuilder text, ReadOnlySpan<byte> value)
    {
        for (var i = 0; i < value.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : " ")}{value[i]:x2}");
        return text;
    }

    private void Open(char bracket)
    {
        _ = Start().Append(bracket);
        _isFirst = true;
    }

    private void Close(char bracket)
    {
        text.Append(bracket);
        _isFirst = false;
    }

    private StringBuilder Start()
    {
        if (!_hasName)
            Separate();
        _hasName = false;
        return text;
    }

    private void Separate()
    {
        if (!_isFirst)
            text.Append(", ");
        _isFirst = false;
    }

    // The line stays one line, and what stands in quotes ends where it ends.
    private void AppendEscaped(string value, char? quote)
    {
        text.Append(quote);
        foreach (var letter in value)
        {
            if (char.IsControl(letter) || letter is '\u2028' or '\u2029')
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else if (letter == quote || letter == '\\')
                text.Append('\\').Append(letter);
            else
                text.Append(letter);
        }

        text.Append(quote);
    }
}
