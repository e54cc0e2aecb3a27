using System.Collections.Concurrent;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Sources;

/// <summary>The file of the ip-masq-agent, followed with the real clock: what counts is that the kernel tells.</summary>
internal sealed class IPMasqAgentSourceTests
{
    private const string Name = "ip-masq-agent";

    /// <summary>So long that only an event can be the reason that something is seen.</summary>
    private static readonly ManifestFolderOptions s_options = new() { Poll = TimeSpan.FromMinutes(10) };

    private readonly ConcurrentQueue<IPMasqAgentUpdate> _updates = [];
    private TempFolder _temp = null!;
    private CancellationTokenSource _stop = null!;
    private IPMasqAgentSource _source = null!;
    private Task _following = Task.CompletedTask;

    [SetUp]
    public void SetUp() => (_temp, _stop) = (new(), new());

    [TearDown]
    public async Task TearDown()
    {
        await _stop.CancelAsync();
        await _following.ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(Deadline.Longest);
        _stop.Dispose();
        _temp.Dispose();
        _updates.Clear();
    }

    [Test]
    public async Task The_file_is_followed_by_events()
    {
        await FollowAsync("default");
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        await UntilAsync("10.0.0.0/8");
        _temp.Replace(Name, "nonMasqueradeCIDRs: [10.0.0.0/9]");
        await UntilAsync("10.0.0.0/9");
        File.Delete(_temp.At(Name));
        await UntilAsync("default");
    }

    [Test]
    public async Task A_ConfigMap_is_followed_as_the_kubelet_swaps_it_and_the_file_is_never_gone()
    {
        // ip-masq-agent -> ..data/ip-masq-agent, ..data -> ..2024_1; a swap renames a new link over ..data and then removes the old folder.
        string Publish(string name, int length)
        {
            var folder = _temp.At(name);
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, Name), $"nonMasqueradeCIDRs: [10.0.0.0/{length}]");
            File.SetLastWriteTimeUtc(Path.Combine(folder, Name), DateTime.UnixEpoch.AddYears(50)); // only the event tells
            TempFolder.Swap(_temp.At("..data"), name);
            return folder;
        }

        var old = Publish("..2024_1", 11);
        _ = File.CreateSymbolicLink(_temp.At(Name), $"..data/{Name}");
        await FollowAsync("10.0.0.0/11");
        for (var i = 12; i < 16; i++)
        {
            var next = Publish($"..2024_{i}", i);
            Directory.Delete(old, recursive: true);
            old = next;
            await UntilAsync($"10.0.0.0/{i}");
        }

        Assert.That(_updates.Select(static update => update.List), Has.None.EqualTo(NonMasqueradeList.Default));
    }

    [Test]
    public async Task A_mistake_is_told_and_keeps_the_last_good_list_until_it_is_mended()
    {
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        await FollowAsync("10.0.0.0/8");
        _temp.Write(Name, "nonMasqueradeCIDRs: [");
        await Deadline.UntilAsync(() => _updates.Last().Diagnostics.Any(static d => d.Severity is DiagnosticSeverity.Error), "the mistake is told");
        Assert.That(Now(), Is.EqualTo("10.0.0.0/8"));
        Assert.That(_source.Diagnostics, Is.EqualTo(_updates.Last().Diagnostics));
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        await Deadline.UntilAsync(() => _source.Diagnostics.IsEmpty, "mended");
        Assert.That(Now(), Is.EqualTo("10.0.0.0/8"));
    }

    [Test]
    public async Task A_folder_that_is_made_later_is_followed_then()
    {
        Directory.Delete(_temp.Path);
        await FollowAsync("default");
        Assert.That(_source.Diagnostics, Has.Length.EqualTo(1));
        Directory.CreateDirectory(_temp.Path);
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        await UntilAsync("10.0.0.0/8");
        Assert.That(_source.Diagnostics, Is.Empty);
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/9]");
        await UntilAsync("10.0.0.0/9");
    }

    [Test]
    public async Task What_is_read_again_without_a_change_is_not_told_again()
    {
        var time = new FakeTimeProvider();
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        await FollowAsync("10.0.0.0/8", time);
        for (var i = 0; i < 3; i++)
        {
            await Deadline.UntilAsync(() => time.Waiting == 1, "it waits");
            time.Advance(s_options.Poll);
        }

        await Deadline.UntilAsync(() => time.Waiting == 1, "it has read thrice more");
        Assert.That(_updates, Has.Count.EqualTo(1));
    }

    private string Now() => _source.List.Equals(NonMasqueradeList.Default) ? "default" : string.Join(' ', _source.List.Cidrs);

    private Task UntilAsync(string expected) => Deadline.UntilAsync(() => Now() == expected && !_updates.IsEmpty && _updates.Last().List.Equals(_source.List), $"{expected} expected, {Now()} found");

    private async Task FollowAsync(string expected, TimeProvider? time = null)
    {
        _source = new(_temp.At(Name), s_options, time);
        _following = FollowAsync();
        await UntilAsync(expected);

        async Task FollowAsync()
        {
            await foreach (var update in _source.WatchAsync(_stop.Token))
                _updates.Enqueue(update);
        }
    }
}
