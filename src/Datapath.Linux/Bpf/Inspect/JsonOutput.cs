using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Datapath.Linux.Bpf;

/// <summary>A value as JSON. Names of enums, addresses and bytes without a type are texts; numbers are numbers, whatever their size.</summary>
internal sealed class JsonOutput(Utf8JsonWriter json) : IValueOutput
{
    public void BeginFields() => json.WriteStartObject();

    public void Name(string name) => json.WritePropertyName(name);

    public void EndFields() => json.WriteEndObject();

    public void BeginItems() => json.WriteStartArray();

    public void EndItems() => json.WriteEndArray();

    public void Signed(long value) => json.WriteNumberValue(value);

    public void Unsigned(ulong value) => json.WriteNumberValue(value);

    public void Real(double value)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteStringValue(value.ToString(CultureInfo.InvariantCulture)); // JSON has no such numbers
    }

    public void Truth(bool value) => json.WriteBooleanValue(value);

    public void Letter(char value) => json.WriteStringValue(value.ToString());

    public void Text(string value) => json.WriteStringValue(value);

    public void Symbol(string name) => json.WriteStringValue(name);

    public void Hex(UInt128 value) => json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"0x{value:x}"));

    public void Bytes(ReadOnlySpan<byte> value) => json.WriteStringValue(TextOutput.AppendBytes(new StringBuilder(), value).ToString());

    public void MoreFields(long count) => json.WriteString("…", string.Create(CultureInfo.InvariantCulture, $"{count} more"));

    public void MoreItems(long count) => json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"… {count} more"));
}
