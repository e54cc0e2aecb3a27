using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Datapath.Architecture.Tests;

/// <summary>Who prints what a library returned reads what is in it: the text that the compiler makes for a record names the type of a list, not its items.</summary>
[TestFixture]
internal sealed class RecordTextTests
{
    /// <summary>What programs and manifests say, which is printed as they wrote it, if at all; options and rows of tables besides.</summary>
    private static readonly HashSet<string> s_said =
    [
        "ClientSelector", "ClusterLocalRedirectPolicy", "ClusterRedirectBackend", "ClusterRedirectFrontend", "Container", "Endpoint", "EndpointHints", "EndpointSlice", "ExpectedFrontend", "ExpectedRange",
        "ExpectedSet", "IPMasqAgentContent", "IPMasqAgentUpdate", "MapSpec", "MasqueradeAddressChoice", "MasqueradeConfiguration", "MasqueradeDestinations", "MasqueradeInputs", "MasqueradePool",
        "MasqueradeSources", "Node", "NodeConfiguration", "NonMasqueradeList", "ObjectMeta", "Pod", "PodSpec", "PodStatus", "RedirectAddressMatcher", "RedirectBackend", "RedirectServiceMatcher", "ServiceSpec",
        "ServiceStatus", "TestRunResult",
    ];

    [Test]
    public void Records_with_lists_that_a_program_is_told_have_a_text_of_their_own() => Assert.That(
        from assembly in new[] { typeof(IDatapath).Assembly, typeof(Policy.PolicyCompiler).Assembly, typeof(Linux.LinuxException).Assembly, typeof(Hosting.DatapathHost).Assembly }
        from type in assembly.GetExportedTypes()
        where HasCompilersText(type) && Array.Exists(type.GetProperties(BindingFlags.Public | BindingFlags.Instance), static property => IsList(property.PropertyType))
        where type.Namespace != "Datapath.Policy.Tables" && !type.Name.EndsWith("Options", StringComparison.Ordinal) && !s_said.Contains(type.Name)
        select type.FullName,
        Is.Empty,
        "write a ToString() that says in one line what is in it");

    private static bool HasCompilersText(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly) is { } print && IsMadeByCompiler(print)
        && IsMadeByCompiler(type.GetMethod("ToString", Type.EmptyTypes)!);

    private static bool IsMadeByCompiler(MethodInfo method) => method.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsList(Type type) =>
        type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) && type.Namespace!.StartsWith("System", StringComparison.Ordinal);
}
