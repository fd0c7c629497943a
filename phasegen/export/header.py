"""The ISMRMRD header (XML) of an exported volume, for both formats that hold one."""

from ismrmrd import xsd

from phasegen.export.base import Volume

NOT_KNOWN_HZ = 0
"""The schema demands a resonance frequency, and the index of a store has none."""


def ismrmrd_header(volume: Volume) -> str:
    """Header of full Cartesian slices: x is the readout and the rows of a slice, y its columns.

    The encoded space is the reconstructed one: oversampling is not in a store.
    """
    _, coils, rows, columns = volume.shape
    x, y, z = volume.field_of_view_mm
    space = xsd.encodingSpaceType(
        matrixSize=xsd.matrixSizeType(x=rows, y=columns, z=1),
        fieldOfView_mm=xsd.fieldOfViewMm(x=x, y=y, z=z),
    )
    limits = xsd.encodingLimitsType(
        kspace_encoding_step_0=_limits(rows),
        kspace_encoding_step_1=_limits(columns),
        slice=xsd.limitType(minimum=0, maximum=volume.shape[0] - 1, center=0),
    )
    return xsd.ToXML(
        xsd.ismrmrdHeader(
            subjectInformation=xsd.subjectInformationType(patientID=volume.subject),
            measurementInformation=xsd.measurementInformationType(
                patientPosition=xsd.patientPositionType.HFS, protocolName=volume.series
            ),
            acquisitionSystemInformation=xsd.acquisitionSystemInformationType(
                systemVendor="PhaseGen", receiverChannels=coils
            ),
            experimentalConditions=xsd.experimentalConditionsType(
                H1resonanceFrequency_Hz=NOT_KNOWN_HZ
            ),
            encoding=[
                xsd.encodingType(
                    encodedSpace=space,
                    reconSpace=space,
                    encodingLimits=limits,
                    trajectory=xsd.trajectoryType.CARTESIAN,
                )
            ],
        )
    )


def _limits(steps: int) -> xsd.limitType:
    return xsd.limitType(minimum=0, maximum=steps - 1, center=steps // 2)
