using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>Checks what the types cannot say, and collects every mistake.</summary>
internal sealed class DatapathOptionsValidator : IValidateOptions<DatapathOptions>
{
    private const int MostEntries = 1 << 24;

    public ValidateOptionsResult Validate(string? name, DatapathOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (!Path.IsPathRooted(options.BpfRoot))
            result.AddError($"'{options.BpfRoot}' must be an absolute path", "bpfRoot");
        if (options.CgroupRoot is { } cgroup && !Path.IsPathRooted(cgroup))
            result.AddError($"'{cgroup}' must be an absolute path", "cgroupRoot");
        if (options.MaxFrontends is < 1 or > MostEntries)
            result.AddError($"{options.MaxFrontends} must be 1 to {MostEntries}", "maxFrontends");
        if (options.MaxSlots is < 64 or > MostEntries)
            result.AddError($"{options.MaxSlots} must be 64 to {MostEntries}", "maxSlots");
        if (options.Node.Name.Length == 0)
            result.AddError("must not be empty", "node:name");
        return result.Build();
    }
}
