using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>Checks a folder of manifests that was added in code, with the options of the datapath, so that all mistakes are told at once.</summary>
internal sealed class ManifestFolderCheck(string? path, ManifestFolderOptions options) : IValidateOptions<DatapathOptions>
{
    private const string Folder = "the folder of manifests";

    public ValidateOptionsResult Validate(string? name, DatapathOptions datapath)
    {
        string[] errors = [.. Check()];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> Check()
    {
        if (string.IsNullOrEmpty(path))
            yield return $"{Folder}: '{path}' must be the path of a folder";
        else if (!Directory.Exists(path))
            yield return $"{Folder} '{Path.GetFullPath(path)}' {(File.Exists(path) ? "is a file" : "does not exist")}";
        IEnumerable<(string Name, TimeSpan Time, TimeSpan Least)> times =
        [
            (nameof(options.Settle), options.Settle, TimeSpan.Zero), (nameof(options.LongestSettle), options.LongestSettle, TimeSpan.Zero),
            (nameof(options.Poll), options.Poll, TimeSpan.FromMilliseconds(1)),
        ];
        foreach (var (name, time, least) in times)
        {
            if (time < least || time > TimeSpan.FromDays(1))
                yield return $"{Folder} '{path}': {name}: '{time}' must be {least.TotalMilliseconds} ms to one day";
        }
    }
}
