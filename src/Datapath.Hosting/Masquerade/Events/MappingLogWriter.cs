using System.Buffers;
using System.Text.Json;
using Datapath.BpfObjects.Layout;
using Datapath.Linux;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// Writes the log of mappings, a JSON object a line. Lines that cannot be written wait, a mebibyte of them; what comes then is counted, and the log says so
/// as soon as it can be written again.
/// </summary>
internal sealed class MappingLogWriter(MappingLogOutput output, TimeProvider time, DatapathMonitor monitor, ILogger logger) : IDisposable
{
    private const int Batch = 64 << 10;
    private const int MostWaiting = 1 << 20;

    private readonly ArrayBufferWriter<byte> _lines = new(Batch + 4096);
    private long _unwritten;
    private bool _isFailing;

    /// <summary>The log begins: what was before is not in it.</summary>
    public void WriteOpened() => Write("opened", time.GetUtcNow(), static (json, _) => json.WriteNumber("pid", Environment.ProcessId), 0);

    /// <summary>The log ends.</summary>
    public void WriteClosed() => Write("closed", time.GetUtcNow(), static (_, _) => { }, 0);

    /// <summary>A flow that was there when the log began.</summary>
    public void WriteFound(MasqueradeFlow flow) => Write(
        "found",
        time.GetUtcNow(),
        static (json, state) =>
        {
            WriteEnds(json, state.flow.Protocol, state.flow.Source, state.flow.Translated, state.flow.Peer);
            if (state.now - state.flow.Age is { } began)
                json.WriteString("began", began.UtcDateTime);
        },
        (flow, now: time.GetUtcNow()));

    /// <summary>A mapping that was made, or that ended.</summary>
    public void Write(MasqueradeEvent told)
    {
        if (told is MasqueradeMappingMade made)
            Write("made", made.Time, WriteMade, made);
        else if (told is MasqueradeMappingEnded ended)
            Write("ended", ended.Time, WriteEnded, ended);
    }

    /// <summary>Events are missing: the programs could not tell them.</summary>
    public void WriteLost(long count)
    {
        Log.MappingEventsLost(logger, count);
        Write("lost", time.GetUtcNow(), static (json, count) => json.WriteNumber("count", count), count);
    }

    /// <summary>Events are missing: in that time nobody was listened for.</summary>
    public void WriteGap(ListeningGap gap)
    {
        Log.MappingEventsMissed(logger, gap.From, gap.To);
        Write(
            "gap",
            time.GetUtcNow(),
            static (json, gap) =>
            {
                json.WriteString("from", gap.From.UtcDateTime);
                json.WriteString("to", gap.To.UtcDateTime);
            },
            gap);
    }

    /// <summary>Writes what waits, unless that failed the last time.</summary>
    public void Flush()
    {
        if (!_isFailing)
            TryFlush(isLook: false);
    }

    /// <summary>Follows a rotation, and tries again what failed.</summary>
    public void LookAfter() => TryFlush(isLook: true);

    public void Dispose() => output.Dispose();

    private static void WriteMade(Utf8JsonWriter json, MasqueradeMappingMade made)
    {
        WriteEnds(json, made.Protocol, made.Source, made.Translated, made.Destination);
        if (made.Device is { } device)
            json.WriteString("device", device);
        if (made.IsByPeer)
            json.WriteBoolean("byPeer", true);
    }

    private static void WriteEnded(Utf8JsonWriter json, MasqueradeMappingEnded ended)
    {
        WriteEnds(json, ended.Protocol, ended.Source, ended.Translated, ended.Destination);
        json.WriteString("reason", ended.Reason switch
        {
            NatEnd.Closed => "closed",
            NatEnd.Expired => "expired",
            NatEnd.AddressGone => "addressGone",
            NatEnd.Removed => "removed",
            _ => ended.Reason.ToString(),
        });
        json.WriteString("began", ended.Began.UtcDateTime);
        json.WriteString("lastPacket", ended.LastPacket.UtcDateTime);
        json.WriteNumber("seconds", Math.Round(ended.Duration.TotalSeconds, 3));
    }

    private static void WriteEnds(Utf8JsonWriter json, byte protocol, FlowEnd source, FlowEnd translated, FlowEnd destination)
    {
        json.WriteString("protocol", FlowProtocol.NameOf(protocol));
        json.WriteString("source", source.Address.ToString());
        json.WriteNumber("sourcePort", source.Port);
        json.WriteString("translated", translated.Address.ToString());
        json.WriteNumber("translatedPort", translated.Port);
        json.WriteString("destination", destination.Address.ToString());
        json.WriteNumber("destinationPort", destination.Port);
    }

    private void Write<T>(string name, DateTimeOffset at, Action<Utf8JsonWriter, T> write, T value)
    {
        if (_lines.WrittenCount > MostWaiting)
        {
            _unwritten++;
            return;
        }

        using (var json = new Utf8JsonWriter(_lines))
        {
            json.WriteStartObject();
            json.WriteString("time", at.UtcDateTime);
            json.WriteString("event", name);
            write(json, value);
            json.WriteEndObject();
        }

        _lines.Write("\n"u8);
        if (_lines.WrittenCount >= Batch)
            Flush();
    }

    private void TryFlush(bool isLook)
    {
        try
        {
            if (isLook)
                output.FollowRotation();
            if (_lines.WrittenCount == 0)
                return;
            Take(output.Append(_lines.WrittenSpan), isLook);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e.Message);
        }
    }

    // That a pipe has no room in this moment is no failure; that nobody has read from it for as long as until the next look is one.
    private void Take(int written, bool isLook)
    {
        var rest = _lines.WrittenSpan[written..].ToArray();
        _lines.ResetWrittenCount();
        _lines.Write(rest);
        if (rest.Length == 0)
            Succeed();
        else if (written == 0 && isLook)
            Fail("who reads it does not, and it is full");
    }

    private void Fail(string reason)
    {
        if (!_isFailing)
            Log.MappingLogNotWritten(logger, output.Path, reason);
        _isFailing = true;
        monitor.MappingLogFailure = $"'{output.Path}' cannot be written: {reason}; {_lines.WrittenCount} bytes wait, {_unwritten} lines are lost";
    }

    private void Succeed()
    {
        if (_isFailing)
        {
            _isFailing = false;
            monitor.MappingLogFailure = null;
            Log.MappingLogWrittenAgain(logger, output.Path, _unwritten);
        }

        if (_unwritten == 0)
            return;
        Write("unwritten", time.GetUtcNow(), static (json, count) => json.WriteNumber("count", count), _unwritten);
        _unwritten = 0;
        TryFlush(isLook: false);
    }
}
