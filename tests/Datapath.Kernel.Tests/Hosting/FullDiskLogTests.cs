using System.Net;
using System.Text.Json;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Microsoft.Extensions.Logging.Abstractions;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>The log of mappings on a file system without room.</summary>
internal sealed class FullDiskLogTests
{
    private const int Lines = 12_000; // more than there is room for and than wait

    private static readonly MasqueradeMappingMade s_made = new()
    {
        Time = DateTimeOffset.UnixEpoch,
        Protocol = 17,
        Source = new(IPAddress.Parse("fd98::2"), 3000),
        Translated = new(IPAddress.Parse("2001:db8::1"), 40000),
        Destination = new(IPAddress.Parse("2001:db8:99::1"), 53),
        DeviceIndex = 2,
        Device = "eth0",
    };

    [Test]
    public void While_it_is_full_the_file_has_whole_lines_and_says_afterwards_how_many_it_misses() => MountSandbox.Run(static () =>
    {
        var folder = Directory.CreateTempSubdirectory("datapath-full-");
        try
        {
            Assert.That(Libc.mount("tmpfs", folder.FullName, "tmpfs", 0, "size=5m"), Is.Zero);
            Fill(Path.Combine(folder.FullName, "nat.log"), Path.Combine(folder.FullName, "filler"));
        }
        finally
        {
            MountSandbox.UnmountAll(folder.FullName);
            folder.Delete();
        }
    });

    private static void Fill(string path, string filler)
    {
        var monitor = new DatapathMonitor([]);
        using var writer = new MappingLogWriter(new(path), TimeProvider.System, monitor, NullLogger.Instance);
        writer.Write(s_made);
        writer.LookAfter();
        File.WriteAllBytes(filler, new byte[4 << 20]);
        for (var i = 1; i < Lines; i++)
            writer.Write(s_made);
        writer.LookAfter();
        Assert.That(monitor.MappingLogFailure, Does.StartWith($"'{path}' cannot be written: append to the file: ENOSPC; "));
        Assert.That(Read(path), Is.Not.Empty.And.All.EqualTo("made"), "whole lines");
        File.Delete(filler);
        writer.LookAfter();
        Assert.That(monitor.MappingLogFailure, Is.Null);
        var events = Read(path);
        Assert.That(events[^1], Is.EqualTo("unwritten"));
        Assert.That(events.Length - 1, Is.InRange(2, Lines - 1));
        var last = JsonDocument.Parse(File.ReadAllLines(path)[^1]).RootElement;
        Assert.That(last.GetProperty("count").GetInt64(), Is.EqualTo(Lines - (events.Length - 1)));
    }

    private static string?[] Read(string path) => [.. File.ReadAllLines(path).Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString())];
}
