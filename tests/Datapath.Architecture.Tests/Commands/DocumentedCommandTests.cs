using System.Text.RegularExpressions;
using static Datapath.Architecture.Tests.Commands.CommandProofs;

namespace Datapath.Architecture.Tests.Commands;

/// <summary>Every command of the documents works, and something shows it. One of a new kind needs an entry in the table, with what shows it.</summary>
[TestFixture]
internal sealed class DocumentedCommandTests
{
    private const string NodeSamples = "Datapath.Kernel.Tests/Samples/NodeSampleTests.cs";

    private static readonly (string Pattern, CommandProof Proof)[] s_kinds =
    [
        (@"(datapath-agent|dotnet run --project samples/Datapath\.Agent --) (?<arguments>.+)", AgentTakesIt),
        (@"dotnet run --project samples/(?<sample>Quickstart|Canary|NodeLocalDns|Masquerade|MetadataProxy)", TestedBy(NodeSamples, "[TestCase(\"${sample}\"", "Is.Zero")),
        (@"dotnet run --project samples/EbpfCounter( -- CGROUP)?", TestedBy("Datapath.Kernel.Tests/Samples/EbpfCounterTests.cs", "EbpfCounter.dll", "Start(cgroup.Cgroup.Path)")),
        (@"dotnet run --project samples/EbpfTop", TestedBy("Datapath.Kernel.Tests/Samples/EbpfTopTests.cs", "EbpfTop")),
        (@"dotnet run --project samples/Worker -- --table FILE", TestedBy("Datapath.Kernel.Tests/Samples/WorkerTests.cs", "Worker.dll", "--table")),
        (@"dotnet run --project samples/Operator", TestedBy("Datapath.Kernel.Tests/Samples/OperatorTests.cs", "new(\"Operator\"", "Is.Zero")),
        (@"dotnet run --project (?<path>samples/Embedding)", NotRun("it serves every process of the machine, and goes on to after its end")),

        // docs/getting-started.md, block by block
        (@"for library in src/\*/; do dotnet pack ""\$library"" -c Release -o /tmp/datapath-packages; done", RunBy("eng/pack-app.sh", "run 1 ")),
        (@"dotnet run", RunBy("eng/pack-app.sh", "run 2 ")),
        (@"dotnet publish --use-current-runtime --self-contained -p:PublishTrimmed=true -o out", RunBy("eng/pack-app.sh", "run 3 ")),

        (@"(?<script>\./test\.sh|eng/[\w/-]+\.sh)( (?<argument>\S+))?", IsScript),
        (@"clang-19 .*", RunsIn("samples/EbpfCounter")),
        (@"apt-get install (?<package>clang-19)", RunBy("test.sh", "clang-19:clang-19", "apt-get install")),
        (@"dotnet test (?<path>tests/Datapath\.Policy\.Tests) --collect ""XPlat Code Coverage""", RunBy("tests/Directory.Build.props", "coverlet.collector")),
        (@"dotnet run -c Release --project tests/Datapath\.Soak --( (?<option>--[a-z-]+) \d+)+", TakesOptions("tests/Datapath.Soak/SoakArguments.cs")),
        (@"dotnet run -c Release --project (?<path>bench/Datapath\.Bench)", NotRun("its figures mean something only on a machine that does nothing else, for six minutes")),

        (@"dotnet publish (?<path>samples/Datapath\.Agent) -t:PublishContainer --os linux", NotRun("its base image comes from a registry")),
        (@"kubectl apply -f (?<path>samples/Datapath\.Agent/deploy)", NotRun("it needs a cluster")),
        (@"kubectl get services,endpointslices,pods,ciliumlocalredirectpolicies -A -o yaml > DIR/all\.yaml", NotRun("it needs a cluster")),
        (@"kubectl rollout undo", NotRun("it needs a cluster")),
        (@"kubectl apply", NotRun("it needs a cluster")),
        (@"bpftool cgroup tree", NotRun("it is a tool of the kernel's sources, which no part of this needs")),
    ];

    [Test]
    public void Every_command_works()
    {
        var commands = DocumentedCommand.ReadAll().ToArray();
        Assert.That(commands, Has.Length.GreaterThan(60));
        Assert.That(commands.DistinctBy(static command => command.Text).Select(Fault).OfType<string>(), Is.Empty);
    }

    [Test]
    public void Every_kind_is_documented()
    {
        var commands = DocumentedCommand.ReadAll().ToArray();
        Assert.That(s_kinds.Select(static kind => kind.Pattern).Where(pattern => !commands.Any(command => Matches(pattern, command).Success)), Is.Empty);
    }

    // What the page shows is what the script does: as many commands as there are calls.
    [Test]
    public void The_way_to_get_started_is_gone_to_its_end() => Assert.That(
        DocumentedCommand.ReadAll().Count(static command => command.Document == "docs/getting-started.md"),
        Is.EqualTo(Regex.Count(File.ReadAllText(Path.Combine(Repository.Root, "eng", "pack-app.sh")), @"^run \d ", RegexOptions.Multiline)));

    [TestCase("```sh\nmake all\n```", "make all")]
    [TestCase("```console\n$ datapath-agent plan --folder x\nnothing\n```", "datapath-agent plan --folder x")]
    [TestCase("```sh\ndotnet run --project samples/Nothing  # shows it\n```", "dotnet run --project samples/Nothing")]
    [TestCase("| [Nothing](Nothing) | `dotnet run --project samples/Nothing` as root |", "dotnet run --project samples/Nothing")]
    [TestCase("so:\n\n    eng/nothing.sh\n", "eng/nothing.sh")]
    [TestCase("`datapath-agent explain -c worker-1.json -m nowhere -f host -t 10.96.0.1:80/TCP`", "datapath-agent explain -c worker-1.json -m nowhere -f host -t 10.96.0.1:80/TCP")]
    [TestCase("`datapath-agent explain -m DIR -t 10.96.0.1`", "datapath-agent explain -m DIR -t 10.96.0.1")]
    [TestCase("`./test.sh Nothing`", "./test.sh Nothing")]
    [TestCase("`dotnet run -c Release --project tests/Datapath.Soak -- --soak 10 --speed 1`", "dotnet run -c Release --project tests/Datapath.Soak -- --soak 10 --speed 1")]
    public void One_that_does_not_work_is_found(string document, string command)
    {
        var read = DocumentedCommand.Read("x.md", document.Split('\n')).Single();
        Assert.That(read.Text, Is.EqualTo(command));
        Assert.That(Fault(read), Is.Not.Null);
    }

    private static string? Fault(DocumentedCommand command)
    {
        var kinds = s_kinds.Select(kind => (Match: Matches(kind.Pattern, command), kind.Proof)).Where(static kind => kind.Match.Success).ToArray();
        var fault = kinds switch
        {
            [] => "nothing shows that it works: name what does in DocumentedCommandTests",
            [var (match, proof)] => proof(command, match),
            _ => "is of several kinds",
        };
        return fault is null ? null : $"{command}: {fault}";
    }

    private static Match Matches(string pattern, DocumentedCommand command) => Regex.Match(command.Text, $"^(?:{pattern})$", RegexOptions.ExplicitCapture);
}
