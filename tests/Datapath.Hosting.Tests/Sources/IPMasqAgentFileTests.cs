using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Sources;

/// <summary>The file of the ip-masq-agent on a real folder, read when it is asked for.</summary>
internal sealed class IPMasqAgentFileTests
{
    private const string Name = "ip-masq-agent";

    private TempFolder _temp = null!;
    private FakeTimeProvider _time = null!;
    private IPMasqAgentFile _file = null!;

    [SetUp]
    public void SetUp()
    {
        (_temp, _time) = (new(), new());
        _file = new(_temp.At(Name), _time);
    }

    [TearDown]
    public void TearDown() => _temp.Dispose();

    [Test]
    public void A_missing_file_means_the_defaults_and_so_does_one_that_goes()
    {
        Assert.That(_file.Read(), Is.False);
        Assert.That((Now(), _file.Current.Diagnostics.Length), Is.EqualTo(("default", 0)));
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        Assert.That(_file.Read());
        Assert.That(Now(), Is.EqualTo("10.0.0.0/8"));
        Assert.That(_file.Read(), Is.False, "nothing changed");
        File.Delete(_temp.At(Name));
        Assert.That(_file.Read());
        Assert.That(Now(), Is.EqualTo("default"));
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        Assert.That(_file.Read());
        Assert.That(Now(), Is.EqualTo("10.0.0.0/8"), "the same file again");
    }

    [Test]
    public void A_malformed_file_leaves_the_last_good_list_and_is_told_until_it_is_mended()
    {
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        _ = _file.Read();
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/99]");
        Assert.That(_file.Read(), "there is something to say");
        Assert.That(Now(), Is.EqualTo("10.0.0.0/8"));
        Assert.That(
            _file.Current.Diagnostics.Select(static diagnostic => diagnostic.ToString()),
            Is.EqualTo(new[]
            {
                $"{_temp.At(Name)}:1: nonMasqueradeCIDRs[0]: '10.0.0.0/99' must be a range in CIDR form, for example 10.0.0.0/8",
                $"{_temp.At(Name)}: is malformed: the last good list stays in force",
            }));
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/9]");
        Assert.That(_file.Read());
        Assert.That((Now(), _file.Current.Diagnostics.Length), Is.EqualTo(("10.0.0.0/9", 0)));
    }

    [Test]
    public void A_folder_that_is_not_there_yet_is_told_and_one_that_goes_keeps_the_list()
    {
        Directory.Delete(_temp.Path);
        Assert.That(_file.Read());
        Assert.That((Now(), Told()), Is.EqualTo(("default", $"{_temp.Path}: there is no such folder: the default list is in force")));
        Directory.CreateDirectory(_temp.Path);
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        _ = _file.Read();
        Directory.Delete(_temp.Path, recursive: true);
        Assert.That(_file.Read());
        Assert.That((Now(), Told()), Is.EqualTo(("10.0.0.0/8", $"{_temp.Path}: cannot be read, keeps what it told last: there is no such folder")));
        Directory.CreateDirectory(_temp.Path);
        Assert.That(_file.Read());
        Assert.That((Now(), Told()), Is.EqualTo(("default", "")), "the folder is back, without the file");
    }

    [Test]
    public void A_file_that_cannot_be_read_keeps_the_list()
    {
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        _ = _file.Read();
        TempFolder.Swap(_temp.At(Name), _temp.At(Name)); // ELOOP, for root too
        Assert.That(_file.Read());
        Assert.That(Told(), Does.StartWith($"{_temp.At(Name)}: cannot be read, keeps what it told last: "));
        File.Delete(_temp.At(Name));
        Directory.CreateDirectory(_temp.At(Name));
        _ = _file.Read();
        Assert.That((Now(), Told()), Is.EqualTo(("10.0.0.0/8", $"{_temp.At(Name)}: cannot be read, keeps what it told last: it is a folder")));
    }

    [Test]
    public void A_link_that_leads_nowhere_keeps_the_list_and_is_worth_a_word_after_a_while()
    {
        _temp.Write(Name, "nonMasqueradeCIDRs: [10.0.0.0/8]");
        _ = _file.Read();
        TempFolder.Swap(_temp.At(Name), "/nowhere/at/all");
        Assert.That(_file.Read(), Is.False);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(_file.Read());
        Assert.That((Now(), Told()), Is.EqualTo(("10.0.0.0/8", $"{_temp.At(Name)}: is a link that leads nowhere: keeps what it told last")));
    }

    [Test]
    public async Task What_is_being_written_at_the_first_reading_is_waited_for()
    {
        var writer = new StreamWriter(new FileStream(_temp.At(Name), FileMode.Create, FileAccess.Write, FileShare.ReadWrite));
        var reading = _file.ReadSettledAsync(Deadline.Token);
        await Deadline.UntilAsync(() => _time.Waiting == 1, "it waits for the file");
        await writer.WriteAsync("nonMasqueradeCIDRs: [10.0.0.0/8]");
        await writer.DisposeAsync();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await reading;
        Assert.That(Now(), Is.EqualTo("10.0.0.0/8"));
    }

    [Test]
    public void A_path_without_a_folder_is_refused() => Assert.That(() => new IPMasqAgentFile("/"), Throws.ArgumentException.With.Message.StartsWith("'/' must be a file in a folder"));

    private string Now() => _file.Current.List.Equals(NonMasqueradeList.Default) ? "default" : string.Join(' ', _file.Current.List.Cidrs);

    private string Told() => string.Join('\n', _file.Current.Diagnostics);
}
