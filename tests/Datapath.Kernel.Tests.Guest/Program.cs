using Datapath.Kernel.Tests.Guest;
using NUnit.Framework.Api;
using NUnit.Framework.Internal;

// Arguments: the folders and classes of Datapath.Kernel.Tests to run, for example Bpf and Netlink.DumpTests, less what is load. The last line tells what came
// of it.
var namespaces = args.Select(static name => $"<namespace re='1'>^Datapath\\.Kernel\\.Tests\\.{name}(\\..*)?$</namespace><class re='1'>^Datapath\\.Kernel\\.Tests\\.{name}$</class>");
var filter = TestFilter.FromXml($"<filter><and><or>{string.Concat(namespaces)}</or><not><cat>Load</cat></not></and></filter>");
var runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());
_ = runner.Load("Datapath.Kernel.Tests", new Dictionary<string, object> { ["NumberOfTestWorkers"] = 0 });
var report = new Report(Console.Out);
_ = runner.Run(report, filter);
return report.Close() ? 0 : 1;
