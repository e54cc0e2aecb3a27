using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>Checks what the types cannot say, and collects every mistake, those of the configuration too.</summary>
internal sealed class DatapathOptionsValidator : IValidateOptions<DatapathOptions>
{
    private const int MostEntries = 1 << 24;

    public ValidateOptionsResult Validate(string? name, DatapathOptions options)
    {
        string[] errors = [.. options.Unreadable, .. Check(options)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    public static IEnumerable<string> Check(DatapathOptions options)
    {
        if (!Path.IsPathRooted(options.BpfRoot))
            yield return $"bpfRoot: '{options.BpfRoot}' must be an absolute path";
        if (options.CgroupRoot is { } cgroup && !Path.IsPathRooted(cgroup))
            yield return $"cgroupRoot: '{cgroup}' must be an absolute path";
        if (options.MaxFrontends is < 1 or > MostEntries)
            yield return $"maxFrontends: {options.MaxFrontends} must be 1 to {MostEntries}";
        if (options.MaxSlots is < 64 or > MostEntries)
            yield return $"maxSlots: {options.MaxSlots} must be 64 to {MostEntries}";
        if (string.IsNullOrWhiteSpace(options.Node.Name))
            yield return "node:name: must not be empty";
    }
}
