using System.Net.Sockets;
using System.Runtime.InteropServices;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Masquerade;

/// <summary>A log of mappings that goes to a pipe, or to what is no place for a log, keeps nobody waiting.</summary>
internal sealed partial class MappingLogPipeTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DatapathMonitor _monitor = new([]);
    private TempFolder _folder = null!;
    private FakeLog _log = null!;
    private MappingLogWriter _writer = null!;

    private string Pipe => _folder.At("pipe");

    [SetUp]
    public void Start()
    {
        (_folder, _log) = (new(), new());
        Assert.That(mkfifo(Pipe, 0x180), Is.Zero);
        _writer = Open(Pipe);
    }

    [TearDown]
    public void Stop()
    {
        _writer.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void A_pipe_that_nobody_reads_is_told_and_written_once_somebody_does()
    {
        _writer.Write(Told.Made());
        InTime(_writer.LookAfter);
        Assert.That(_monitor.MappingLogFailure, Does.StartWith($"'{Pipe}' cannot be written: open '{Pipe}': ENXIO (it is a pipe that nobody reads, or a socket); "));
        using var reader = OpenReader();
        _writer.LookAfter();
        Assert.That(_monitor.MappingLogFailure, Is.Null);
        Assert.That(reader.ReadLine(), Does.Contain("\"event\":\"made\""));
    }

    [Test]
    public async Task A_pipe_that_is_full_stops_nobody_and_what_waits_is_written_whole_once_there_is_room()
    {
        const int Lines = 2000;
        using var reader = OpenReader();
        InTime(() =>
        {
            for (var i = 0; i < Lines; i++)
                _writer.Write(Told.Made((ushort)i));
            _writer.Flush();
        });
        Assert.That(_monitor.MappingLogFailure, Is.Null, "that it is full in this moment is no failure");
        InTime(_writer.LookAfter);
        Assert.That(_monitor.MappingLogFailure, Does.Contain("who reads it does not, and it is full").And.EndWith(" 0 lines are lost"));
        Assert.That(_log.At(LogLevel.Error).Count(), Is.EqualTo(1));
        var read = Task.Run(() => Enumerable.Range(0, Lines).Select(_ => reader.ReadLine()).ToArray());
        await WriteUntilAsync(read);
        Assert.That(read.Result.Select(static line => System.Text.Json.JsonDocument.Parse(line!).RootElement.GetProperty("sourcePort").GetInt32()), Is.EqualTo(Enumerable.Range(0, Lines)));
        _writer.LookAfter();
        Assert.That(_monitor.MappingLogFailure, Is.Null);
    }

    [Test]
    public async Task What_waits_for_longer_than_there_is_room_is_counted_and_the_log_says_so()
    {
        const int Lines = 8000;
        using var reader = OpenReader();
        for (var i = 0; i < Lines; i++)
            _writer.Write(Told.Made());
        _writer.LookAfter();
        _writer.LookAfter();
        Assert.That(_monitor.MappingLogFailure, Does.Contain("cannot be written"));
        var read = Task.Run(() =>
        {
            var lines = new List<string>();
            while (lines.Count == 0 || !lines[^1].Contains("unwritten", StringComparison.Ordinal))
                lines.Add(reader.ReadLine()!);
            return lines;
        });
        await WriteUntilAsync(read);
        Assert.That(read.Result[^1], Does.EndWith($"\"event\":\"unwritten\",\"count\":{Lines - (read.Result.Count - 1)}}}"));
        Assert.That(read.Result, Has.Count.InRange(2, Lines));
    }

    [Test]
    public void A_reader_that_goes_is_followed_by_the_next()
    {
        using (OpenReader())
        {
            _writer.Write(Told.Made(1));
            _writer.Flush();
        }

        _writer.Write(Told.Made(2));
        InTime(_writer.LookAfter);
        Assert.That(_monitor.MappingLogFailure, Does.Contain("EPIPE"));
        using var next = OpenReader();
        _writer.LookAfter();
        Assert.That(next.ReadLine(), Does.Contain("\"sourcePort\":2,"));
    }

    [Test]
    public void What_is_neither_a_file_nor_a_pipe_is_refused_with_what_it_must_be()
    {
        const string MustBe = "EINVAL (it must be a regular file, or a pipe that somebody reads)";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder.At("socket")));
        foreach (var (path, reason) in new[] { ("/dev/null", MustBe), ("/dev/full", MustBe), (_folder.At("socket"), "ENXIO"), (Path.GetTempPath(), "EISDIR"), (_folder.At("a/b"), "ENOENT") })
        {
            using var writer = Open(path);
            writer.Write(Told.Made());
            InTime(writer.LookAfter);
            Assert.That(_monitor.MappingLogFailure, Does.StartWith($"'{path}' cannot be written: open '{path}': {reason}"));
        }
    }

    private static void InTime(Action action) => Assert.That(Task.Run(action).Wait(Deadline.Longest), "it does not wait for who reads");

    private MappingLogWriter Open(string path) => new(new(path), _time, _monitor, _log.CreateLogger(""));

    private Task WriteUntilAsync(Task read) => Deadline.UntilAsync(
        () =>
        {
            _writer.LookAfter();
            return read.IsCompleted;
        },
        "all is read");

    // Both directions, so that to open it does not wait for who writes.
    private StreamReader OpenReader() => new(new FileStream(Pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);
}
