using System.Text.RegularExpressions;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

[assembly: FeatureSkips]

namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// A test that ends because the library says that the kernel lacks something is skipped, if the kernel is older than what the library says.
/// It stays a failure if the kernel is new enough, and if an older one's lack comes to light as any other error.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed partial class FeatureSkipsAttribute : NUnitAttribute, ITestAction
{
    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
    }

    public void AfterTest(ITest test)
    {
        var result = TestExecutionContext.CurrentContext.CurrentResult;
        if (result.ResultState.Status is TestStatus.Failed && Missing().Match(result.Message) is { Success: true } missing
            && !RunningKernel.IsAtLeast(missing.Groups["version"].Value))
            result.SetResult(ResultState.Ignored, missing.Groups["said"].Value);
    }

    [GeneratedRegex($@"^(SetUp : )?Datapath\.Linux\.Bpf\.{nameof(FeatureNotSupportedException)} : (?<said>this kernel has no .*; Linux (?<version>\d+\.\d+) has)")]
    private static partial Regex Missing();
}
