import Foundation
import TestSupport

/// The path of a file under deploy/.
func deployed(_ path: String) -> String {
    "\(packageRoot)/deploy/\(path)"
}
