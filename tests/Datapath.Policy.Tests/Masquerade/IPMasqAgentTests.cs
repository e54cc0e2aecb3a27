using System.Text;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>The file of the ip-masq-agent: what each content stands for.</summary>
internal sealed class IPMasqAgentTests
{
    private const string Path = "/etc/config/ip-masq-agent";

    private static readonly string[] s_defaults =
    [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
    ];

    [TestCase(null)]
    [TestCase("")]
    public void A_missing_file_and_one_without_a_byte_stand_for_the_defaults(string? text)
    {
        var content = Read(text);
        Assert.That(content.List!.Cidrs.Select(static range => range.ToString()), Is.EqualTo(s_defaults));
        Assert.That((content.List.MasqLinkLocal, content.List.MasqLinkLocalIPv6), Is.EqualTo((false, false)));
        Assert.That(content.Diagnostics, Is.Empty);
    }

    [TestCase("\n")]
    [TestCase("  \n\n")]
    [TestCase("# nothing yet\n")]
    [TestCase("---\n")]
    [TestCase("null\n")]
    [TestCase("\uFEFF")]
    public void A_file_of_blanks_and_comments_is_an_empty_list_and_is_warned_about(string text)
    {
        var content = Read(text);
        Assert.That(content.List, Is.EqualTo(new NonMasqueradeList()));
        Assert.That(
            content.Diagnostics.Single().ToString(),
            Is.EqualTo($"{Path}: says nothing: only link-local destinations are excluded. The default list is for a file that is missing or empty to the last byte"));
        Assert.That(content.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Warning));
    }

    [TestCase("nonMasqueradeCIDRs: []")]
    [TestCase("nonMasqueradeCIDRs:")]
    [TestCase("masqLinkLocal: false")]
    [TestCase("{}")]
    public void A_list_that_is_empty_or_absent_excludes_nothing_but_link_local_destinations(string text)
    {
        var content = Read(text);
        Assert.That(content.List, Is.EqualTo(new NonMasqueradeList()));
        Assert.That(content.Diagnostics, Is.Empty);
        var inputs = Site.Inputs with { AgentList = content.List };
        Assert.That(
            new[] { "169.254.169.254", "10.0.0.1" }.Select(to => inputs.Verdict(Site.Web, to)), Is.EqualTo(new[] { "Keep (NonMasquerade)", "Translate 0 (Source)" }));
        Assert.That(inputs.Verdict(Site.Web6, "fe80::1"), Is.EqualTo("Keep (NonMasquerade)"));
    }

    [TestCase("nonMasqueradeCIDRs:\n- 10.0.0.0/8\n- fd00::/8\nmasqLinkLocal: true\n")]
    [TestCase("""{"nonMasqueradeCIDRs": ["10.0.0.0/8", "fd00::/8"], "masqLinkLocal": true}""")]
    [TestCase("{nonMasqueradeCIDRs: [10.0.0.0/8, 'fd00::/8'], masqLinkLocal: true}")]
    public void It_is_YAML_or_JSON(string text)
    {
        var content = Read(text);
        Assert.That(content.List, Is.EqualTo(Site.List("10.0.0.0/8", "fd00::/8") with { MasqLinkLocal = true }));
        Assert.That(content.Diagnostics, Is.Empty);
    }

    [TestCase("masqLinkLocal: true", "Translate 0 (Source)", "Keep (NonMasquerade)")]
    [TestCase("masqLinkLocalIPv6: true", "Keep (NonMasquerade)", "Translate 0 (Source)")]
    public void Link_local_destinations_are_masqueraded_where_the_file_says_so(string text, string ipv4, string ipv6)
    {
        var inputs = Site.Inputs with { AgentList = Read(text).List };
        Assert.That((inputs.Verdict(Site.Web, "169.254.169.254"), inputs.Verdict(Site.Web6, "fe80::1")), Is.EqualTo((ipv4, ipv6)));
    }

    [Test]
    public void Bits_beyond_the_prefix_are_dropped_with_a_warning()
    {
        var content = Read("masqLinkLocal: false\nnonMasqueradeCIDRs:\n- 10.1.2.3/8\n");
        Assert.That(content.List, Is.EqualTo(Site.List("10.0.0.0/8")));
        Assert.That(content.Diagnostics.Single().ToString(), Is.EqualTo($"{Path}:3: nonMasqueradeCIDRs[0]: '10.1.2.3/8' has bits beyond its prefix, and is read as 10.0.0.0/8"));
        Assert.That(content.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Warning));
    }

    [Test]
    public void Fields_of_the_original_agent_are_accepted_and_others_warned_about()
    {
        var content = Read("resyncInterval: 60s\nmasqLinkLocl: true\nnonMasqueradeCIDRs: [10.0.0.0/8]\n");
        Assert.That(content.List, Is.EqualTo(Site.List("10.0.0.0/8")));
        Assert.That(
            content.Diagnostics.Select(static diagnostic => $"{diagnostic.Severity} {diagnostic}"),
            Is.EqualTo(new[]
            {
                $"Warning {Path}:2: masqLinkLocl: is not known and has no effect: did you mean masqLinkLocal?",
                $"Debug {Path}:1: resyncInterval: is not used: the file is watched",
            }));
    }

    [TestCase("nonMasqueradeCIDRs: [", 1, "is not valid YAML")]
    [TestCase("{\"nonMasqueradeCIDRs\": [\"10.0.0.0/8\"", 1, "is not valid JSON")]
    [TestCase("\nnonMasqueradeCIDRs: 10.0.0.0/8", 2, "nonMasqueradeCIDRs: '10.0.0.0/8' must be a list, but is a string")]
    [TestCase("nonMasqueradeCIDRs:\n- 10.0.0.0/8\n- 10.0.0/8\n", 3, "nonMasqueradeCIDRs[1]: '10.0.0/8' must be a range in CIDR form, for example 10.0.0.0/8")]
    [TestCase("nonMasqueradeCIDRs:\n- 192.0.2.1\n", 2, "nonMasqueradeCIDRs[0]: '192.0.2.1' must be a range in CIDR form, for example 192.0.2.1/32")]
    [TestCase("nonMasqueradeCIDRs:\n- ::ffff:10.0.0.0/104\n", 2, "nonMasqueradeCIDRs[0]: '::ffff:10.0.0.0/104' must be a range")]
    [TestCase("nonMasqueradeCIDRs:\n- 10\n", 2, "nonMasqueradeCIDRs[0]: '10' must be a string")]
    [TestCase("masqLinkLocal: maybe", 1, "masqLinkLocal: 'maybe' must be true or false")]
    [TestCase("nonMasqueradeCidrs: [10.0.0.0/8]", 1, "nonMasqueradeCidrs: must be written nonMasqueradeCIDRs")]
    [TestCase("- 10.0.0.0/8", 1, "must be a mapping, but is a list")]
    [TestCase("10.0.0.0/8", 1, "must be a mapping, but is a string")]
    [TestCase("masqLinkLocal: true\n---\nmasqLinkLocal: false\n", 3, "must be one document, but another begins here")]
    [TestCase("masqLinkLocal: true\nmasqLinkLocal: false\n", 2, "field 'masqLinkLocal' occurs twice")]
    public void What_is_malformed_is_refused_with_its_line(string text, int line, string reason)
    {
        var content = Read(text);
        Assert.That(content.List, Is.Null);
        Assert.That(content.Diagnostics.Single().ToString(), Does.StartWith($"{Path}:{line}: {reason}"));
        Assert.That(content.Diagnostics.Single().Severity, Is.EqualTo(DiagnosticSeverity.Error));
    }

    [Test]
    public void All_mistakes_are_told_at_once() => Assert.That(
        Read("masqLinkLocal: 1\nnonMasqueradeCIDRs: [a, b, 10.0.0.0/8]").Diagnostics.Select(static diagnostic => diagnostic.Field),
        Is.EquivalentTo(new[] { "masqLinkLocal", "nonMasqueradeCIDRs[0]", "nonMasqueradeCIDRs[1]" }));

    [Test]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.That(IPMasqAgentReader.Read(new byte[] { (byte)'a', 0xff }, Path).Diagnostics.Single().ToString(), Is.EqualTo($"{Path}:1: is not valid UTF-8"));

    [Test]
    public void Nothing_that_a_file_can_contain_is_an_exception()
    {
        var random = new Random(1);
        var text = Encoding.UTF8.GetBytes("nonMasqueradeCIDRs:\n- 10.0.0.0/8\n- \"fd00::/8\"\nmasqLinkLocal: true\nmasqLinkLocalIPv6: {}\n---\n[]");
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = text.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var content = IPMasqAgentReader.Read(bytes.AsMemory(0, random.Next(bytes.Length + 1)), Path);
            if (content.List is null != content.Diagnostics.Any(static diagnostic => diagnostic.Severity is DiagnosticSeverity.Error))
                Assert.Fail($"round {round}: {Encoding.Latin1.GetString(bytes)}");
        }
    }

    [Test]
    public void While_the_file_is_malformed_the_last_good_list_stays()
    {
        var list = new IPMasqAgentList(Path);
        Assert.That(Update(list, "nonMasqueradeCIDRs: [10.0.0.0/8]"));
        Assert.That(Update(list, "nonMasqueradeCIDRs: [10.0.0.0/33]"), Is.False);
        Assert.That(list.List, Is.EqualTo(Site.List("10.0.0.0/8")));
        Assert.That(
            list.Diagnostics.Select(static diagnostic => diagnostic.ToString()),
            Is.EqualTo(new[]
            {
                $"{Path}:1: nonMasqueradeCIDRs[0]: '10.0.0.0/33' must be a range in CIDR form, for example 10.0.0.0/8",
                $"{Path}: is malformed: the last good list stays in force",
            }));
        Assert.That(Update(list, "nonMasqueradeCIDRs: [10.0.0.0/16]"));
        Assert.That((list.List, list.Diagnostics.Length), Is.EqualTo((Site.List("10.0.0.0/16"), 0)));
        Assert.That(Update(list, null), "the file is gone");
        Assert.That(list.List, Is.EqualTo(NonMasqueradeList.Default));
    }

    [Test]
    public void Until_a_good_file_was_seen_the_defaults_are_in_force()
    {
        var list = new IPMasqAgentList(Path);
        Assert.That(list.List, Is.EqualTo(NonMasqueradeList.Default));
        Assert.That(Update(list, "nonMasqueradeCIDRs: x"), Is.False);
        Assert.That(list.List, Is.EqualTo(NonMasqueradeList.Default));
        Assert.That(list.Diagnostics[^1].ToString(), Is.EqualTo($"{Path}: is malformed: the default list is in force"));
    }

    [Test]
    public void A_file_that_says_the_same_in_other_words_changes_nothing()
    {
        var list = new IPMasqAgentList(Path);
        Assert.That(Update(list, "nonMasqueradeCIDRs: [10.0.0.0/8]"));
        Assert.That(Update(list, """{"nonMasqueradeCIDRs": ["10.9.9.9/8"]}"""), Is.False);
    }

    /// <summary>The experiment of the original agent's users: a router with two more networks behind it.</summary>
    [Test]
    public void A_list_decides_which_networks_of_a_router_see_the_pod()
    {
        string[] Seen(NonMasqueradeList? list) =>
            [.. new[] { "192.168.10.200", "10.10.1.200", "10.10.2.200" }.Select(to => (Site.Inputs with { AgentList = list }).Verdict(Site.Web, to).StartsWith("Keep", StringComparison.Ordinal) ? "pod" : "node")];

        Assert.That(Seen(Read(null).List), Is.EqualTo(new[] { "pod", "pod", "pod" }));
        Assert.That(Seen(Read("nonMasqueradeCIDRs: [10.244.0.0/16]").List), Is.EqualTo(new[] { "node", "node", "node" }));
        Assert.That(Seen(Read("nonMasqueradeCIDRs: [10.244.0.0/16, 10.10.1.0/24]").List), Is.EqualTo(new[] { "node", "pod", "node" }));
    }

    private static IPMasqAgentContent Read(string? text) => IPMasqAgentReader.Read(Bytes(text), Path);

    private static bool Update(IPMasqAgentList list, string? text) => list.Update(Bytes(text));

    private static ReadOnlyMemory<byte>? Bytes(string? text) => text is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(text);
}
