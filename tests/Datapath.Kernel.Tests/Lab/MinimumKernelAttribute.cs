using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// Skips on kernels that are too old, never on others. For tests in which the kernel's lack does not come to light as a
/// <see cref="Datapath.Linux.Bpf.FeatureNotSupportedException"/>, which is a skip by itself (<see cref="FeatureSkipsAttribute"/>).
/// </summary>
/// <param name="version">The first version of Linux that has it, for example <c>6.6</c>.</param>
/// <param name="what">What the test needs.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class MinimumKernelAttribute(string version, string what) : NUnitAttribute, IApplyToTest
{
    public string Version { get; } = version;

    public string What { get; } = what;

    public void ApplyToTest(Test test)
    {
        if (test.RunState is RunState.NotRunnable || RunningKernel.IsAtLeast(Version))
            return;
        test.RunState = RunState.Ignored;
        test.Properties.Set(PropertyNames.SkipReason, $"{What} needs Linux {Version}, this is {RunningKernel.Version}");
    }
}
