using System.Net;
using Datapath.BpfObjects.Layout;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Masquerade;

/// <summary>The log of mappings, its lines and its file.</summary>
internal sealed class MappingLogWriterTests
{
    private const string MadeLine =
        """{"time":"2026-11-22T08:30:15.25Z","event":"made","protocol":"UDP","source":"10.98.0.2","sourcePort":3000,"translated":"192.0.2.1","translatedPort":40000,"destination":"198.51.100.1","destinationPort":53,"device":"eth0"}""";

    private readonly FakeTimeProvider _time = new();
    private TempFolder _folder = null!;
    private FakeLog _log = null!;
    private DatapathMonitor _monitor = null!;
    private MappingLogWriter _writer = null!;

    private string FilePath => _folder.At("nat.log");

    [SetUp]
    public void Start()
    {
        (_folder, _log, _monitor) = (new(), new(), new([]));
        _writer = Open(FilePath);
    }

    [TearDown]
    public void Stop()
    {
        _writer.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }

    private MappingLogWriter Open(string path) => new(new(path), _time, _monitor, _log.CreateLogger(""));

    private string Now => System.Text.Json.JsonSerializer.Serialize(_time.GetUtcNow().UtcDateTime);

    [Test]
    public void Each_line_is_an_object_with_fields_that_stay()
    {
        _writer.WriteOpened();
        _writer.WriteFound(new(new(IPAddress.Parse("10.98.0.2"), 77), new(IPAddress.Parse("192.0.2.1"), 78), new(IPAddress.Parse("198.51.100.1"), 77), 1, TimeSpan.FromSeconds(5), TimeSpan.Zero, true));
        _writer.Write(Told.Made());
        _writer.Write(Told.Ended(NatEnd.Expired, isIPv4: false));
        _writer.WriteLost(3);
        _writer.WriteClosed();
        _writer.Flush();
        var began = System.Text.Json.JsonSerializer.Serialize(_time.GetUtcNow().AddSeconds(-5).UtcDateTime);
        Assert.That(File.ReadAllLines(FilePath), Is.EqualTo(new[]
        {
            $$"""{"time":{{Now}},"event":"opened","pid":{{Environment.ProcessId}}}""",
            $$"""{"time":{{Now}},"event":"found","protocol":"ICMP","source":"10.98.0.2","sourcePort":77,"translated":"192.0.2.1","translatedPort":78,"destination":"198.51.100.1","destinationPort":77,"began":{{began}}}""",
            MadeLine,
            """{"time":"2026-11-22T08:30:15.25Z","event":"ended","protocol":"UDP","source":"fd98::2","sourcePort":3000,"translated":"2001:db8::1","translatedPort":40000,"destination":"2001:db8:99::1","destinationPort":53,"reason":"expired","began":"2026-11-22T08:27:44.75Z","lastPacket":"2026-11-22T08:28:15.25Z","seconds":150.5}""",
            $$"""{"time":{{Now}},"event":"lost","count":3}""",
            $$"""{"time":{{Now}},"event":"closed"}""",
        }));
        Assert.That(_log.At(LogLevel.Warning), Is.EqualTo(new[] { "The log of mappings misses 3 events: they came faster than they were read" }));
    }

    [Test]
    public void A_port_by_peer_is_marked()
    {
        _writer.Write(Told.Made() with { IsByPeer = true });
        _writer.Flush();
        Assert.That(File.ReadAllText(FilePath), Is.EqualTo(MadeLine[..^1] + ",\"byPeer\":true}\n"));
    }

    [TestCase(NatEnd.Closed, "closed")]
    [TestCase(NatEnd.Expired, "expired")]
    [TestCase(NatEnd.AddressGone, "addressGone")]
    [TestCase(NatEnd.Removed, "removed")]
    public void Why_a_mapping_ended_has_a_word(NatEnd reason, string word)
    {
        _writer.Write(Told.Ended(reason));
        _writer.Flush();
        Assert.That(File.ReadAllText(FilePath), Does.Contain($"\"reason\":\"{word}\""));
    }

    [Test]
    public void Nothing_is_written_before_it_is_flushed_unless_there_is_much()
    {
        _writer.Write(Told.Made());
        Assert.That(File.Exists(FilePath), Is.False);
        for (var i = 0; i < 1000; i++)
            _writer.Write(Told.Made());
        Assert.That(new FileInfo(FilePath).Length, Is.GreaterThan(1 << 16));
    }

    [Test]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void An_earlier_log_is_gone_on_with_and_the_file_is_not_everybodys()
    {
        _writer.Write(Told.Made());
        _writer.Flush();
        using var next = Open(FilePath);
        next.Write(Told.Made());
        next.Flush();
        Assert.That(File.ReadAllLines(FilePath), Is.EqualTo(new[] { MadeLine, MadeLine }));
        Assert.That(File.GetUnixFileMode(FilePath) & (UnixFileMode.OtherRead | UnixFileMode.GroupWrite), Is.EqualTo(UnixFileMode.None));
    }

    [Test]
    public void A_file_that_is_moved_away_is_followed_by_a_new_one([Values] bool isMadeAtOnce)
    {
        WriteOne();
        File.Move(FilePath, FilePath + ".1");
        if (isMadeAtOnce)
            File.WriteAllText(FilePath, "");
        WriteOne();
        Assert.That(File.ReadAllLines(FilePath + ".1"), Has.Length.EqualTo(2), "until it is looked after");
        _writer.LookAfter();
        WriteOne();
        Assert.That(File.ReadAllLines(FilePath), Is.EqualTo(new[] { MadeLine }));
        Assert.That(File.ReadAllLines(FilePath + ".1"), Has.Length.EqualTo(2));
    }

    [Test]
    public void A_file_that_is_deleted_or_replaced_is_followed_by_a_new_one([Values] bool isReplaced)
    {
        WriteOne();
        if (isReplaced)
            _folder.Replace("nat.log", "");
        else
            File.Delete(FilePath);
        _writer.LookAfter();
        WriteOne();
        Assert.That(File.ReadAllLines(FilePath), Is.EqualTo(new[] { MadeLine }));
    }

    [Test]
    public void A_link_that_leads_elsewhere_is_followed()
    {
        var link = _folder.At("link");
        TempFolder.Swap(link, _folder.At("one"));
        using var writer = Open(link);
        WriteOne(writer);
        writer.LookAfter();
        WriteOne(writer);
        TempFolder.Swap(link, _folder.At("two"));
        writer.LookAfter();
        WriteOne(writer);
        Assert.That((File.ReadAllLines(_folder.At("one")).Length, File.ReadAllLines(_folder.At("two")).Length), Is.EqualTo((2, 1)));
    }

    [Test]
    public void A_file_that_is_cut_goes_on_at_its_end()
    {
        WriteOne();
        WriteOne();
        using (var cut = new FileStream(FilePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            cut.SetLength(0);
        WriteOne();
        Assert.That(File.ReadAllLines(FilePath), Is.EqualTo(new[] { MadeLine }));
    }

    [Test]
    public void While_it_cannot_be_written_lines_wait_and_log_and_monitor_tell()
    {
        var path = Path.Combine(_folder.At("later"), "nat.log");
        using var writer = Open(path);
        WriteOne(writer);
        WriteOne(writer);
        writer.LookAfter();
        Assert.That(_monitor.MappingLogFailure, Does.StartWith($"'{path}' cannot be written: ").And.EndWith($"; {2 * (MadeLine.Length + 1)} bytes wait, 0 lines are lost"));
        Assert.That(_log.At(LogLevel.Error).Count(), Is.EqualTo(1));
        Assert.That(_log.At(LogLevel.Error).Single(), Does.StartWith($"The log of mappings {path} cannot be written: "));
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        writer.LookAfter();
        Assert.That(File.ReadAllLines(path), Is.EqualTo(new[] { MadeLine, MadeLine }));
        Assert.That(_monitor.MappingLogFailure, Is.Null);
        Assert.That(_log.At(LogLevel.Warning).Single(), Is.EqualTo($"The log of mappings {path} is written again; 0 lines are lost"));
    }

    private void WriteOne(MappingLogWriter? writer = null)
    {
        writer ??= _writer;
        writer.Write(Told.Made());
        writer.Flush();
    }
}
