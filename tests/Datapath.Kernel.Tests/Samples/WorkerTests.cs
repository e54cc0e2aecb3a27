using System.Diagnostics;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Samples;

/// <summary>The Worker service with a source of its own follows its table.</summary>
[TestFixture]
internal sealed class WorkerTests
{
    private readonly string _table = Path.GetTempFileName();
    private readonly bool _hadPins = Directory.Exists("/sys/fs/bpf/datapath");
    private TestCgroup _cgroup = null!;
    private Process _worker = null!;

    [SetUp]
    public void Start()
    {
        File.WriteAllText(_table, "# a comment\nweb 10.96.0.1:80 10.244.0.1:8080 10.244.0.2:8080\n");
        _cgroup = new();
        _worker = Process.Start(DotnetHost.Prepare(
            Path.Combine(AppContext.BaseDirectory, "Worker.dll"), "--table", _table, "--Datapath:cgroupRoot", _cgroup.Cgroup.Path, "--Datapath:lifetime", "process"))!;
    }

    [TearDown]
    public void Stop()
    {
        _worker.Kill();
        _worker.WaitForExit();
        _worker.Dispose();
        _cgroup.Dispose();
        File.Delete(_table);
    }

    [Test]
    public void It_follows_its_table_and_a_wrong_line_changes_nothing()
    {
        WaitFor($"Serving cgroup {_cgroup.Cgroup.Path} ");
        WaitFor("1 services, 0 not in force");
        Assert.That(Directory.Exists("/sys/fs/bpf/datapath"), Is.EqualTo(_hadPins), "it lives with its process");
        File.AppendAllText(_table, "db 10.96.0.2:5432 10.244.0.3:5432\n");
        WaitFor("2 services, 0 not in force");
        File.WriteAllText(_table, "web 10.96.0.1 nonsense\n");
        WaitFor("'web 10.96.0.1 nonsense' ");
        WaitFor("1 services, 0 not in force");
        File.Delete(_table);
        WaitFor($"Could not find file '{_table}'");
        File.WriteAllText(_table, "web 10.96.0.1:80 10.244.0.1:8080\ndb 10.96.0.2:5432 10.244.0.3:5432\n");
        WaitFor("2 services, 0 not in force");
    }

    private void WaitFor(string text)
    {
        var read = new List<string?>();
        do
        {
            var line = _worker.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.That(() => read.Add(line.GetAwaiter().GetResult()), Throws.Nothing, () => string.Join('\n', read));
            Assert.That(read[^1], Is.Not.Null, () => string.Join('\n', read));
        }
        while (!read[^1]!.Contains(text, StringComparison.Ordinal));
    }
}
