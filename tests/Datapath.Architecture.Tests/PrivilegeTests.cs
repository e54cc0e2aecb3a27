using System.Text.RegularExpressions;
using Datapath.Agent.Commands;

namespace Datapath.Architecture.Tests;

/// <summary>What the agent asks for when it is refused is what the page on security lists.</summary>
[TestFixture]
internal sealed partial class PrivilegeTests
{
    [Test]
    public void Capabilities_of_the_agents_message_are_those_of_the_document() => Assert.That(
        Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"))).Select(static row => row.Groups["name"].Value),
        Is.EquivalentTo([.. Privileges.Capabilities, Privileges.OfOthers]));

    [GeneratedRegex(@"^\| `(?<name>CAP_\w+)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}
