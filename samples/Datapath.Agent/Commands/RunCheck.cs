using Datapath.Agent.Metrics;
using Datapath.Hosting;
using Microsoft.Extensions.Options;

namespace Datapath.Agent.Commands;

/// <summary>Checks the command line of <c>run</c> with the options of the datapath, so that all mistakes are told at once.</summary>
/// <param name="hasManifests">Whether there is a folder of manifests.</param>
/// <param name="metricsOption">The name of the option that says where metrics are told.</param>
/// <param name="metricsAddress">What it says; <see langword="null"/>: nowhere.</param>
internal sealed class RunCheck(bool hasManifests, string metricsOption, string? metricsAddress) : IValidateOptions<DatapathOptions>
{
    public ValidateOptionsResult Validate(string? name, DatapathOptions options)
    {
        string[] errors = [.. Check(options)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> Check(DatapathOptions options)
    {
        if (!hasManifests && !options.Kubernetes.Enabled)
            yield return "there is nothing to follow: give --manifests DIR, --kubernetes or both";
        if (metricsAddress is not null && !MetricsAddress.TryParse(metricsAddress, out _))
            yield return MetricsAddress.Mistake(metricsOption, metricsAddress);
    }
}
