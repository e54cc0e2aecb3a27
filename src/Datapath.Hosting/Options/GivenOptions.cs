using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>Options that somebody has made, validated as if they had been made here.</summary>
internal sealed class GivenOptions(DatapathOptions options, IEnumerable<IValidateOptions<DatapathOptions>> validators) : IOptionsFactory<DatapathOptions>
{
    public DatapathOptions Create(string name)
    {
        string[] failures = [.. validators.Select(validator => validator.Validate(name, options)).SelectMany(static result => result.Failures ?? [])];
        return failures.Length == 0 ? options : throw new OptionsValidationException(name, typeof(DatapathOptions), failures);
    }
}
