using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Prints keys and values of a map by the types that its program came with: structs with the names of their fields, enums by name, texts as
/// texts. A map without types, or whose types this process may not read (CAP_SYS_ADMIN), is printed as bytes. Does not own the map.
/// </summary>
/// <remarks>Minimum kernel: 4.13; 4.18 for names and types.</remarks>
public sealed class BpfMapPrinter
{
    private readonly MapElements _elements;
    private readonly MapDetails _details;
    private readonly BpfPrintOptions _options;
    private readonly BtfIndex? _types;
    private readonly BtfPrinter? _printer;
    private readonly bool _isSection;

    /// <summary>Reads the map's types.</summary>
    /// <param name="map">The map.</param>
    /// <param name="options">How much to print.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public BpfMapPrinter(BpfMap map, BpfPrintOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        (_elements, _details, _options) = (new(map), map.ReadDetails(), options ?? new());
        _types = new BtfObjects().Find(_details.BtfId);
        _printer = _types is null ? null : new(_types, _options);
        _isSection = _types is not null && _details.ValueTypeId is var value and not 0 && value <= (uint)_types.Count && _types[value].Kind is BtfKind.DataSection;
    }

    /// <summary>Whether the types of keys and values are known.</summary>
    public bool HasTypes => _types is not null && _details.ValueTypeId != 0;

    /// <summary>
    /// Prints the elements, one a line: <c>{address: 1, port: 80} => {verdict: DROP, name: "web"}</c>. The value of a per-CPU map has a part
    /// for each possible CPU, and a section of variables has a line for each. What is added or removed meanwhile may be there or not.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <exception cref="NotSupportedException">The elements of such maps cannot be listed: ring buffers, queues, storage of sockets.</exception>
    /// <exception cref="InvalidBpfObjectException">The types do not fit the elements.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void Print(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var line = new StringBuilder();
        var left = _options.MaxElements;
        _elements.ForEach((key, value) =>
        {
            if (left-- <= 0)
                return false;
            if (_isSection)
            {
                PrintVariables(value, output);
                return true;
            }

            line.Clear();
            WriteKey(key, new TextOutput(line));
            line.Append(" => ");
            if (IsPerCpu)
            {
                for (var cpu = 0; cpu < PossibleCpus.Count; cpu++)
                {
                    line.Append(CultureInfo.InvariantCulture, $"{(cpu == 0 ? "" : ", ")}cpu{cpu} ");
                    WriteValue(ValueOf(value, cpu), new TextOutput(line));
                }
            }
            else
            {
                WriteValue(value, new TextOutput(line));
            }

            output.WriteLine(line);
            return true;
        });
    }

    /// <summary>
    /// Writes the elements as an array of objects with <c>key</c> and <c>value</c>, or <c>values</c> by CPU. Numbers are exact, up to 64 bits:
    /// a reader that takes them for floating-point numbers may round them.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <exception cref="NotSupportedException">The elements of such maps cannot be listed: ring buffers, queues, storage of sockets.</exception>
    /// <exception cref="InvalidBpfObjectException">The types do not fit the elements.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void WriteJson(Utf8JsonWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var json = new JsonOutput(output);
        var left = _options.MaxElements;
        output.WriteStartArray();
        _elements.ForEach((key, value) =>
        {
            if (left-- <= 0)
                return false;
            output.WriteStartObject();
            output.WritePropertyName("key");
            WriteKey(key, json);
            if (IsPerCpu)
            {
                output.WriteStartArray("values");
                for (var cpu = 0; cpu < PossibleCpus.Count; cpu++)
                    WriteValue(ValueOf(value, cpu), json);
                output.WriteEndArray();
            }
            else
            {
                output.WritePropertyName("value");
                WriteValue(value, json);
            }

            output.WriteEndObject();
            return true;
        });
        output.WriteEndArray();
    }

    /// <summary>A key in one line.</summary>
    /// <param name="key">Its bytes.</param>
    /// <exception cref="InvalidBpfObjectException">The type does not fit the bytes.</exception>
    public string FormatKey(ReadOnlySpan<byte> key)
    {
        var text = new StringBuilder();
        WriteKey(key, new TextOutput(text));
        return text.ToString();
    }

    /// <summary>A value in one line; of a per-CPU map, one CPU's value.</summary>
    /// <param name="value">Its bytes.</param>
    /// <exception cref="InvalidBpfObjectException">The type does not fit the bytes.</exception>
    public string FormatValue(ReadOnlySpan<byte> value)
    {
        var text = new StringBuilder();
        WriteValue(value, new TextOutput(text));
        return text.ToString();
    }

    private bool IsPerCpu => MapElements.IsPerCpu(_details.Type);

    private ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> values, int cpu) =>
        values.Slice(cpu * _elements.ValueStride, (int)_details.Info.ValueSize);

    // Indices of arrays and numbers of programs and maps have no types of their own, and need none.
    private void WriteKey(ReadOnlySpan<byte> key, IValueOutput output)
    {
        if (_printer is not null && _details.KeyTypeId != 0)
            _printer.Print(_details.KeyTypeId, key, output);
        else if (key.Length == sizeof(uint) && _details.Type is MapType.Array or MapType.PerCpuArray or MapType.ProgramArray or MapType.ArrayOfMaps)
            output.Unsigned(BinaryPrimitives.ReadUInt32LittleEndian(key));
        else
            WriteBytes(key, output);
    }

    private void WriteValue(ReadOnlySpan<byte> value, IValueOutput output)
    {
        if (value.Length == sizeof(uint) && _details.Type is MapType.ProgramArray or MapType.ArrayOfMaps or MapType.HashOfMaps)
        {
            output.BeginFields();
            output.Name(_details.Type is MapType.ProgramArray ? "program" : "map");
            output.Unsigned(BinaryPrimitives.ReadUInt32LittleEndian(value));
            output.EndFields();
        }
        else if (_printer is not null && _details.ValueTypeId != 0)
        {
            _printer.Print(_details.ValueTypeId, value, output);
        }
        else
        {
            WriteBytes(value, output);
        }
    }

    private void WriteBytes(ReadOnlySpan<byte> value, IValueOutput output)
    {
        var most = Math.Max(0, _options.MaxTextLength);
        if (value.Length <= most)
        {
            output.Bytes(value);
            return;
        }

        output.BeginItems();
        output.Bytes(value[..most]);
        output.MoreItems(value.Length - most);
        output.EndItems();
    }

    private void PrintVariables(ReadOnlySpan<byte> value, TextWriter output)
    {
        var section = _types![_details.ValueTypeId];
        var line = new StringBuilder();
        for (var i = 0; i < section.Count; i++)
        {
            var (type, offset, size) = section.Variable(i);
            if ((ulong)offset + size > (ulong)value.Length)
                throw new InvalidBpfObjectException($"BTF: a variable of '{section.NameText}' has {size} bytes at {offset}, the section has {value.Length}");
            line.Clear().Append(_types[type].NameText).Append(" = ");
            _printer!.Print(type, value.Slice((int)offset, (int)size), new TextOutput(line));
            output.WriteLine(line);
        }
    }
}
