using Datapath.Hosting.Tests.Lab;

namespace Datapath.Hosting.Tests.Sources;

/// <summary>What sources are called: by their type, and where several have that, by what tells them apart.</summary>
internal sealed class SourceNamesTests
{
    [Test]
    public void One_of_its_type_is_called_by_it() => Assert.That(
        SourceNames.Of([new FakeSource(), new DatapathObjects()]), Is.EqualTo(new[] { "the source of objects FakeSource", "the source of objects DatapathObjects" }));

    [Test]
    public void Several_of_one_type_have_numbers_in_the_order_in_which_they_were_added() => Assert.That(
        SourceNames.Of([new FakeSource(), new DatapathObjects(), new FakeSource()]),
        Is.EqualTo(new[] { "the source of objects FakeSource no. 1", "the source of objects DatapathObjects", "the source of objects FakeSource no. 2" }));

    [Test]
    public void Several_folders_have_their_paths()
    {
        using var one = new TempFolder();
        using var other = new TempFolder();
        Assert.That(SourceNames.Of([new ManifestFolderSource(one.Path)]), Is.EqualTo(new[] { "the source of objects ManifestFolderSource" }));
        Assert.That(
            SourceNames.Of([new ManifestFolderSource(one.Path), new ManifestFolderSource(other.Path), new ManifestFolderSource(one.Path)]),
            Is.EqualTo(new[]
            {
                $"the source of objects ManifestFolderSource '{one.Path}' no. 1", $"the source of objects ManifestFolderSource '{other.Path}'",
                $"the source of objects ManifestFolderSource '{one.Path}' no. 2",
            }));
    }

    [Test]
    public void Sources_of_health_are_told_apart_too() => Assert.That(
        SourceNames.Of([new FakeHealthSource(), new FakeHealthSource()]), Is.EqualTo(new[] { "the health source FakeHealthSource no. 1", "the health source FakeHealthSource no. 2" }));

    [Test]
    public async Task Who_is_awaited_is_told_by_that_name()
    {
        var (first, second) = (new FakeSource(), new FakeSource());
        await using var lab = new HostLab(first, second);
        Assert.That(lab.Monitor.Awaited, Is.EqualTo(new[] { "the source of objects FakeSource no. 1", "the source of objects FakeSource no. 2" }));
        first.Tell();
        await lab.Host.StartAsync();
        await Eventually(() => lab.Monitor.Awaited is ["the source of objects FakeSource no. 2"]);
        second.Tell();
        _ = await lab.SyncedAsync();
        Assert.That(lab.Monitor.Awaited, Is.Empty);
    }

    private static async Task Eventually(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(10), Deadline.Token);
    }
}
